-- Cohorts by the day (UTC) a lead began, or a device was first seen; conversion = a step / the one before, from sums.
-- A lead counts at each stage from the first that it entered (`first_stage`: who came in from the side) to its highest:
-- what it skipped is imputed. Visitors have no segments but channel; revenue is won new business, as in the CRM, in
-- `currencies`. `young`: too little time yet to get past MQL, `young_for_customers` to buy; they are not left out.
CREATE OR REPLACE VIEW boards.closed_loop_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    {at:DateTime64(6, 'UTC')} AS t,
    assumeNotNull((SELECT mql_matures FROM boards.constants)) AS mql_matures,
    assumeNotNull((SELECT customer_within FROM boards.constants)) AS customer_within,
    won AS
    (
        SELECT lead_id, sum(amount) AS revenue, groupUniqArray(toString(currency)) AS currencies
        FROM boards.deals
        WHERE status = 'won' AND kind = 'new_business' AND created_at <= t AND closed_at <= t AND lead_id != ''
        GROUP BY lead_id
    ),
    units AS
    (
        SELECT
            toDate(l.began_at) AS day, toString(l.channel) AS channel, toString(l.origin) AS origin,
            toString(l.size_band) AS size_band, toString(l.industry) AS industry, toString(l.region) AS region,
            ifNull(r.first_rank, 0) AS first_rank, ifNull(r.last_rank, 0) AS last_rank,
            0 AS is_visitor, ifNull(w.revenue, 0) AS revenue, w.currencies AS currencies
        FROM boards.leads AS l
        LEFT JOIN boards.reach_as_of(at = {at:DateTime64(6, 'UTC')}) AS r ON r.lead_id = l.lead_id
        LEFT JOIN won AS w ON w.lead_id = l.lead_id
        WHERE l.began_at <= t
        UNION ALL
        SELECT toDate(first_seen), toString(channel), '', '', '', '', 0, 0, 1, 0., []
        FROM boards.visitors
        WHERE first_seen <= t
    )
SELECT
    t AS as_of,
    u.day AS day,
    toStartOfMonth(u.day) AS month,
    u.channel AS channel, u.origin AS origin, u.size_band AS size_band, u.industry AS industry, u.region AS region,
    ['', 'inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer'][u.first_rank + 1] AS first_stage,
    toUInt8(u.day > toDate(t - toIntervalSecond(mql_matures))) AS young,
    toUInt8(u.day > toDate(t - toIntervalSecond(customer_within))) AS young_for_customers,
    countIf(u.is_visitor = 1) AS visitors,
    countIf(u.is_visitor = 0) AS leads,
    countIf(u.first_rank <= 1 AND u.last_rank >= 1) AS inquiries,
    countIf(u.first_rank <= 2 AND u.last_rank >= 2) AS mql,
    countIf(u.first_rank <= 3 AND u.last_rank >= 3) AS sal,
    countIf(u.first_rank <= 4 AND u.last_rank >= 4) AS sql,
    countIf(u.first_rank <= 5 AND u.last_rank >= 5) AS opportunities,
    countIf(u.last_rank >= 6) AS customers,
    sum(u.revenue) AS revenue,
    arrayStringConcat(arraySort(groupUniqArrayArray(u.currencies)), ',') AS currencies
FROM units AS u
GROUP BY day, month, channel, origin, size_band, industry, region, first_stage, young, young_for_customers;

CREATE OR REPLACE VIEW boards.closed_loop DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.closed_loop_as_of(at = funnel_now());
