WITH
    entered AS
    (
        SELECT
            lead_id, cycle, entered_at, owner, channel,
            toString(stage) AS stage, toString(region) AS region, toString(industry) AS industry,
            toString(origin) AS origin,
            indexOf(['inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer'], stage) AS rank
        FROM boards.stage_entries
        WHERE NOT regressed AND entered_at <= funnel_now()
    ),
    targets AS (SELECT *, @target_name AS target_name FROM boards.targets)
SELECT
    units.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    leads.company AS company,
    leads.hot AS hot,
    units.target_name AS target_name,
    units.since AS entered_at,
    units.accepted AS accepted,
    leads.stage AS stage,
    units.its_owner AS owner,
    units.its_channel AS channel,
    leads.region AS region
FROM
(
    SELECT
        e.lead_id AS lead_id, e.cycle AS cycle, t.target_name AS target_name,
        min(e.entered_at) AS since, argMin(e.owner, e.entered_at) AS its_owner,
        argMin(e.channel, e.entered_at) AS its_channel,
        if((lead_id, cycle) IN (SELECT lead_id, cycle FROM entered WHERE rank >= 3), 'yes', 'no') AS accepted
    FROM (SELECT *, arrayJoin(if(rank > 0, [stage, ''], [stage])) AS counts_as FROM entered) AS e
    INNER JOIN (SELECT * FROM targets WHERE @only_region) AS t ON t.stage = e.counts_as
    WHERE toDate(e.entered_at) BETWEEN t.first_day AND t.last_day
        AND (t.region = '' OR t.region = e.region) AND (t.industry = '' OR t.industry = e.industry)
        AND (t.origin = '' OR t.origin = e.origin)
        AND $__conditionalAll(t.target_name IN (${target:singlequote}), $target)
    GROUP BY lead_id, cycle, target_name
) AS units
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = units.lead_id
WHERE $__conditionalAll(units.accepted IN (${accepted:singlequote}), $accepted)
ORDER BY entered_at DESC, lead_id, cycle
