SELECT
    e.lead_id AS lead_id, e.entered_at AS entered_at, e.owner AS owner, e.channel AS channel, e.region AS region,
    toString(e.origin) AS origin,
    multiIf(
        (SELECT generated_by FROM boards.constants)[toString(e.origin)] = '', 'unknown',
        (SELECT generated_by FROM boards.constants)[toString(e.origin)]
    ) AS generated_by,
    e.lead_id IN
    (
        SELECT lead_id FROM boards.stage_entries
        WHERE stage = 'customer' AND NOT regressed AND entered_at <= funnel_now()
    ) AS is_customer
FROM boards.stage_entries AS e
WHERE e.stage = 'opportunity' AND NOT e.regressed AND e.entered_at <= funnel_now()
