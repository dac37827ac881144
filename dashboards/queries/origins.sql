WITH @steps
SELECT
    origin,
    count() AS leads,
    countIf(furthest >= 6) AS customers,
    if(leads >= 30, customers / leads, NULL) AS rate
FROM (SELECT lead_id, origin FROM boards.leads WHERE $__timeFilter(began_at) AND @segments) AS cohort
LEFT JOIN (@reached) AS reached USING (lead_id)
GROUP BY origin
ORDER BY leads DESC, origin
