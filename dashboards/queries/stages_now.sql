WITH
    [
        'known', 'visitor', 'inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer', 'nurture', 'rejected', 'lost'
    ] AS stages,
    leaks AS
    (
        SELECT lead_id, argMin(kind, due_at) AS kind
        FROM boards.obligations
        WHERE state = 'leaking'
        GROUP BY lead_id
    )
SELECT
    arrayJoin(stages) AS stage,
    countIf(leads.stage = stage) AS leads,
    countIf(leads.stage = stage AND leaks.lead_id != '') AS leaking,
    topKIf(1)(leaks.kind, leads.stage = stage AND leaks.lead_id != '')[1] AS kind
FROM (SELECT lead_id, stage FROM boards.leads WHERE @segments) AS leads
LEFT JOIN leaks USING (lead_id)
GROUP BY stage
ORDER BY indexOf(stages, stage)
