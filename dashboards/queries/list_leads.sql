WITH leaks AS
(
    SELECT lead_id, argMin(kind, due_at) AS kind, count() AS leaking
    FROM boards.obligations
    WHERE state = 'leaking'
    GROUP BY lead_id
)
SELECT
    leads.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    leads.company AS company,
    leads.hot AS hot,
    leads.stage AS stage,
    leads.stage_since AS stage_since,
    leaks.kind AS kind,
    leads.owner AS owner,
    leads.channel AS channel,
    leads.origin AS origin,
    leads.region AS region,
    leads.score AS score,
    leads.began_at AS began_at,
    leads.last_event_at AS last_event_at
FROM
(
    SELECT *
    FROM boards.lead_details
    WHERE @segments
        AND $__conditionalAll(stage IN (${stage:singlequote}), $stage)
) AS leads
LEFT JOIN leaks ON leaks.lead_id = leads.lead_id
WHERE $__conditionalAll(if(leaks.lead_id != '', 'yes', 'no') IN (${leaking:singlequote}), $leaking)
ORDER BY leaks.leaking DESC, last_event_at DESC, lead_id
