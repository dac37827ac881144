WITH
    @steps,
    spent AS
    (
        SELECT
            toString(channel) AS channel,
            count() AS days,
            sum(amount_reporting) AS amount,
            arrayStringConcat(arraySort(groupUniqArrayIf(problem, problem != '')), ', ') AS problem
        FROM boards.spend_daily
        WHERE $__dateFilter(day)
        GROUP BY channel
    ),
    brought AS
    (
        SELECT
            toString(channel) AS channel,
            count() AS leads,
            countIf(first <= 1 AND furthest >= 1) AS inquiries,
            countIf(first <= 2 AND furthest >= 2) AS mql,
            countIf(first <= 3 AND furthest >= 3) AS sal,
            countIf(first <= 4 AND furthest >= 4) AS sql,
            countIf(first <= 5 AND furthest >= 5) AS opportunities,
            countIf(furthest >= 6) AS customers
        FROM (SELECT lead_id, channel FROM boards.leads WHERE $__timeFilter(began_at)) AS cohort
        LEFT JOIN (@reached) AS reached USING (lead_id)
        GROUP BY channel
    )
SELECT
    if(brought.leads > 0, brought.channel, spent.channel) AS channel,
    if(spent.days = 0, 'none loaded', spent.problem) AS spend_problem,
    if(spend_problem != '', NULL, spent.amount) AS spend,
    brought.leads AS leads, spend / nullIf(leads, 0) AS per_lead,
    brought.inquiries AS inquiries, spend / nullIf(inquiries, 0) AS per_inquiry,
    brought.mql AS mql, spend / nullIf(mql, 0) AS per_mql,
    brought.sal AS sal, spend / nullIf(sal, 0) AS per_sal,
    brought.sql AS sql, spend / nullIf(sql, 0) AS per_sql,
    brought.opportunities AS opportunities, spend / nullIf(opportunities, 0) AS per_opportunity,
    brought.customers AS customers, spend / nullIf(customers, 0) AS per_customer,
    (SELECT ifNull(currency, '') FROM boards.reporting_currency) AS currency
FROM brought
FULL OUTER JOIN spent ON spent.channel = brought.channel
WHERE (SELECT count() FROM spent) > 0
    AND $__conditionalAll(channel IN (${channel:singlequote}), $channel)
    AND $__conditionalAll(1 = 0, $owner) AND $__conditionalAll(1 = 0, $region)
ORDER BY per_customer NULLS LAST, spend DESC NULLS LAST, channel
