-- What a channel cost in the period, divided by what became of the leads that began in it; the cheapest customers first.
-- Channels without sales are kept, as are those without spend. Spend is null, and so each cost, if a part of it has no
-- rate. Leads of the period that are young may still come further. revenue is as in closed_loop.
CREATE OR REPLACE VIEW boards.cost_per_step_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT ifNull(currency, '') FROM boards.reporting_currency) AS reporting_currency,
    spent AS
    (
        SELECT
            toString(channel) AS channel, sum(amount_reporting) AS amount, countIf(amount_reporting IS NULL) AS unrated
        FROM boards.spend_daily
        WHERE day >= {since:Date} AND day < {until:Date} AND day <= toDate({at:DateTime64(6, 'UTC')})
        GROUP BY channel
    ),
    cohort AS
    (
        SELECT
            toString(c.channel) AS channel, sum(c.leads) AS leads, sum(c.inquiries) AS inquiries, sum(c.mql) AS mql,
            sum(c.sal) AS sal, sum(c.sql) AS sql, sum(c.opportunities) AS opportunities, sum(c.customers) AS customers,
            sum(c.revenue) AS revenue
        FROM boards.closed_loop_as_of(at = {at:DateTime64(6, 'UTC')}) AS c
        WHERE c.day >= {since:Date} AND c.day < {until:Date}
        GROUP BY channel
        HAVING leads > 0
    ),
    both AS
    (
        SELECT
            channel, amount, unrated,
            0 AS leads, 0 AS inquiries, 0 AS mql, 0 AS sal, 0 AS sql, 0 AS opportunities, 0 AS customers, 0. AS revenue
        FROM spent
        UNION ALL
        SELECT channel, NULL, 0, leads, inquiries, mql, sal, sql, opportunities, customers, revenue
        FROM cohort
    )
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    b.channel AS channel,
    if(sum(b.unrated) > 0, NULL, ifNull(sum(b.amount), 0)) AS spend,
    reporting_currency AS currency,
    sum(b.leads) AS leads, sum(b.inquiries) AS inquiries, sum(b.mql) AS mql, sum(b.sal) AS sal, sum(b.sql) AS sql,
    sum(b.opportunities) AS opportunities, sum(b.customers) AS customers,
    spend / nullIf(leads, 0) AS cost_per_lead,
    spend / nullIf(inquiries, 0) AS cost_per_inquiry,
    spend / nullIf(mql, 0) AS cost_per_mql,
    spend / nullIf(sal, 0) AS cost_per_sal,
    spend / nullIf(sql, 0) AS cost_per_sql,
    spend / nullIf(opportunities, 0) AS cost_per_opportunity,
    spend / nullIf(customers, 0) AS cost_per_customer,
    sum(b.revenue) AS revenue
FROM both AS b
GROUP BY channel
ORDER BY cost_per_customer NULLS LAST, spend DESC NULLS LAST, channel;

CREATE OR REPLACE VIEW boards.cost_per_step DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.cost_per_step_as_of(at = funnel_now(), since = '1970-01-01', until = '2100-01-01');
