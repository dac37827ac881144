-- One row per device; channel and country are those of its first session.
CREATE OR REPLACE VIEW boards.visitors DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
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
    SELECT * FROM facts.visits FINAL
    WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1)
) AS v
GROUP BY v.device;
