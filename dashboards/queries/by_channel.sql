WITH
    @steps,
    @main_currency,
    cohort AS (SELECT lead_id, channel FROM boards.leads WHERE $__timeFilter(began_at) AND @segments),
    reached AS
    (
        @reached
    ),
    won AS
    (
        SELECT lead_id, sumIf(amount, currency = main) AS revenue
        FROM boards.deals
        WHERE status = 'won' AND kind = 'new_business' AND lead_id != ''
        GROUP BY lead_id
    ),
    seen AS
    (
        SELECT channel, count() AS visitors
        FROM boards.visitors
        WHERE $__timeFilter(first_seen)
            AND @visitor_segments
        GROUP BY channel
    ),
    leads AS
    (
        SELECT
            channel,
            count() AS leads,
            countIf(first <= 1 AND furthest >= 1) AS inquiries,
            countIf(first <= 2 AND furthest >= 2) AS mql,
            countIf(first <= 3 AND furthest >= 3) AS sal,
            countIf(first <= 4 AND furthest >= 4) AS sql,
            countIf(first <= 5 AND furthest >= 5) AS opportunities,
            countIf(furthest >= 6) AS customers,
            sum(won.revenue) AS revenue
        FROM cohort
        LEFT JOIN reached USING (lead_id)
        LEFT JOIN won USING (lead_id)
        GROUP BY channel
    )
SELECT
    if(leads.leads > 0, leads.channel, seen.channel) AS channel,
    seen.visitors AS visitors,
    leads.leads AS leads,
    leads.inquiries AS inquiries,
    leads.mql AS mql,
    leads.sal AS sal,
    leads.sql AS sql,
    leads.opportunities AS opportunities,
    leads.customers AS customers,
    if(leads.leads >= 30, leads.customers / leads.leads, NULL) AS rate,
    leads.revenue AS revenue,
    main AS currency
FROM leads
FULL OUTER JOIN seen ON seen.channel = leads.channel
ORDER BY customers DESC, leads DESC, visitors DESC, channel
