WITH @steps
SELECT
    countIf(furthest >= 6) AS customers,
    count() AS leads,
    if(leads >= 30, customers / leads, NULL) AS rate
FROM (SELECT lead_id FROM boards.leads WHERE $__timeFilter(began_at) AND @segments) AS cohort
LEFT JOIN (@reached) AS reached USING (lead_id)
