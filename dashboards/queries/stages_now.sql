WITH
    [
        'known', 'visitor', 'inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer', 'nurture', 'rejected', 'lost'
    ] AS stages,
    leaks AS
    (
        SELECT
            owed.lead_id AS lead_id,
            argMinIf(owed.kind, owed.due_at, toString(owed.stage) = toString(leads.stage)) AS kind
        FROM boards.obligations AS owed
        INNER JOIN boards.leads AS leads ON leads.lead_id = owed.lead_id
        WHERE owed.state = 'leaking'
        GROUP BY owed.lead_id
    )
SELECT
    arrayJoin(stages) AS stage,
    countIf(leads.stage = stage) AS leads,
    countIf(leads.stage = stage AND leaks.lead_id != '') AS leaking,
    topKIf(1)(leaks.kind, leads.stage = stage AND leaks.kind != '')[1] AS kind
FROM (SELECT lead_id, stage FROM boards.leads WHERE @segments) AS leads
LEFT JOIN leaks USING (lead_id)
GROUP BY stage
ORDER BY indexOf(stages, stage)
