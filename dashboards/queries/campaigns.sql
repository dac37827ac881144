WITH @steps
SELECT
    campaigns.first_campaign AS campaign,
    count() AS leads,
    countIf(furthest >= 5) AS opportunities,
    countIf(furthest >= 6) AS customers,
    if(leads >= 30, customers / leads, NULL) AS rate
FROM (SELECT lead_id FROM boards.leads WHERE $__timeFilter(began_at) AND @segments) AS cohort
INNER JOIN (@first_campaign) AS campaigns USING (lead_id)
LEFT JOIN (@reached) AS reached USING (lead_id)
GROUP BY campaign
ORDER BY customers DESC, leads DESC, campaign
LIMIT 10
