-- scope 'all': what was appended to Kafka before `as_of` stands in these views. 'hop': the same per step.
-- 'source': the last event of each source in event time, and for how long it has been silent (`age_s`).
CREATE OR REPLACE VIEW boards.data_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    hops AS
    (
        SELECT step, min(as_of) AS oldest, sum(lag) AS behind FROM boards.progress GROUP BY step
    ),
    sources AS
    (
        SELECT toString(source) AS name, max(occurred_at) AS last_event FROM boards.lead_events GROUP BY name
        UNION ALL
        SELECT 'visitors' AS name, max(last_seen) AS last_event FROM boards.visitors HAVING count() > 0
    )
SELECT
    'all' AS scope, '' AS name, min(oldest) AS as_of, sum(behind) AS lag,
    CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))') AS last_event_at,
    dateDiff('second', as_of, funnel_now()) AS age_s
FROM hops
HAVING count() > 0
UNION ALL
SELECT 'hop', toString(step), oldest, behind, NULL, dateDiff('second', oldest, funnel_now())
FROM hops
UNION ALL
SELECT 'source', name, last_event, 0, last_event, dateDiff('second', last_event, funnel_now())
FROM sources;
