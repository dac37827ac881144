-- One row per device; channel and country are those of its first session. A session after two identifiers were seen on
-- the device is `shared`, i.e. nobody's, unless they are one person: then it stands among the events of a lead.
CREATE OR REPLACE VIEW boards.visitors DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1) AS live,
    theirs AS (SELECT cause FROM facts.lead_events FINAL WHERE generation = live AND type = 'session')
SELECT
    v.device AS anonymous_id,
    min(v.started_at) AS first_seen,
    max(v.ended_at) AS last_seen,
    count() AS sessions,
    sum(v.pages) AS pages,
    argMin(v.channel, (v.started_at, v.session_id)) AS channel,
    argMin(v.country, (v.started_at, v.session_id)) AS country,
    multiIf(
        countIf(v.ownership = 'shared') > 0, 'shared',
        countIf(v.ownership = 'identified') > 0, 'identified',
        'anonymous'
    ) AS ownership
FROM
(
    SELECT
        * EXCEPT ownership,
        if(ownership = 'shared' AND cause IN (SELECT cause FROM theirs), 'identified', ownership) AS ownership
    FROM facts.visits FINAL
    WHERE generation = live
) AS v
GROUP BY v.device;
