SELECT
    v.verdict AS verdict,
    count() AS promises,
    uniqExact(o.lead_id) AS leads,
    if(verdict = 'data', topK(1)(v.why)[1], '') AS why
FROM (SELECT lead_id, kind, cause FROM boards.obligations WHERE state = 'leaking' AND @segments) AS o
INNER JOIN boards.verdicts AS v ON v.lead_id = o.lead_id AND v.kind = o.kind AND v.cause = o.cause
GROUP BY verdict
ORDER BY indexOf(['data', 'operations', 'marketing', 'sales'], verdict), verdict
