SELECT
    count() AS leads,
    countIf(origin IN ('referral', 'partner')) AS referred,
    if(leads >= 30, referred / leads, NULL) AS referred_rate
FROM boards.leads
WHERE $__timeFilter(began_at) AND @segments
