SELECT
    a.lead_id AS lead_id, a.cycle AS cycle, a.assigned_at AS assigned_at, a.owner AS owner,
    a.channel AS channel, a.region AS region, a.hot AS hot,
    if(a.touched_at <= funnel_now(), a.touched_at, NULL) AS touched,
    multiIf(
        NOT ifNull(a.decided_at <= funnel_now(), 0), 'none',
        a.decided IN ('sal', 'sql', 'opportunity', 'customer'), 'accepted',
        a.decided = 'nurture', 'recycled',
        toString(a.decided)
    ) AS decision,
    if(a.ready = 1, 'yes', 'no') AS ready,
    ifNull(a.touched_at <= a.day_due_at AND a.touched_at <= funnel_now(), 0) AS in_time,
    a.ready = 1 AND (in_time OR a.day_due_at <= funnel_now()) AS settled,
    dateDiff('microsecond', a.cycle_began_at, a.assigned_at) / 86400e6 AS age_days,
    dateDiff('microsecond', a.inbound_at, a.assigned_at) / 86400e6 AS inbound_days,
    ifNull(
        a.cycle_began_at < a.assigned_at
            - toIntervalSecond(assumeNotNull((SELECT old_at_handover FROM boards.constants))), 0) AS is_old,
    arrayFilter(
        x -> x != '',
        [
            if(a.handover = 1, 'handover', ''),
            if(settled AND a.hot = 1, 'hot', ''),
            if(settled AND a.hot = 0, 'rest', ''),
            if(settled AND in_time, 'in_time', ''),
            if(touched IS NULL, 'never', ''),
            if(age_days IS NOT NULL, 'with_start', ''),
            if(is_old, 'old', ''),
            if(r.last_opportunity_at >= a.assigned_at, 'opportunity', ''),
            if(r.last_customer_at >= a.assigned_at, 'customer', '')
        ]
    ) AS traits
FROM boards.assignments AS a
LEFT JOIN boards.reach_as_of(at = funnel_now()) AS r ON r.lead_id = a.lead_id
WHERE a.assigned_at <= funnel_now()
