-- Of won new business (by the day it was won) and of leads (by the day they began): how many came of marketing, how many
-- nobody can tell (so marketing's share is marketing / n to (marketing + unknown) / n), how many each department claims
-- for a marketing channel, and how many marketing touched: a customer before the deal was made, a lead ever.
CREATE OR REPLACE VIEW boards.marketing_share_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT marketing_channels FROM boards.constants) AS marketing_channels,
    (SELECT influence_look_back FROM boards.constants) AS look_back,
    won AS
    (
        SELECT *, if(lead_id = '', 'account ' || account, 'lead ' || lead_id) AS whose
        FROM boards.deal_origins_as_of(at = {at:DateTime64(6, 'UTC')})
        WHERE status = 'won' AND kind = 'new_business'
    ),
    touched AS
    (
        SELECT lead_id, occurred_at
        FROM boards.touches
        WHERE side = 'marketing' AND occurred_at <= {at:DateTime64(6, 'UTC')}
    ),
    touched_by_whose AS
    (
        SELECT 'lead ' || lead_id AS whose, toNullable(occurred_at) AS occurred_at FROM touched
        UNION ALL
        SELECT 'account ' || l.account AS whose, toNullable(m.occurred_at) AS occurred_at
        FROM touched AS m
        INNER JOIN (SELECT lead_id, account FROM boards.leads WHERE account != '') AS l ON l.lead_id = m.lead_id
    ),
    units AS
    (
        SELECT
            'customers' AS of, toDate(assumeNotNull(w.closed_at)) AS day,
            w.channel AS channel, w.origin AS origin, w.size_band AS size_band, w.industry AS industry,
            w.region AS region, w.claimed_by_marketing AS says_marketing, w.claimed_by_sales AS says_sales,
            ifNull(m.occurred_at >= w.created_at - toIntervalSecond(look_back), 0) AS is_influenced
        FROM won AS w
        ASOF LEFT JOIN touched_by_whose AS m ON m.whose = w.whose AND m.occurred_at < w.created_at
        UNION ALL
        SELECT
            'leads', toDate(began_at), toString(channel), toString(origin), toString(size_band), toString(industry),
            toString(region), toString(claimed_by_marketing), toString(claimed_by_sales),
            lead_id IN (SELECT lead_id FROM touched)
        FROM boards.leads
        WHERE began_at <= {at:DateTime64(6, 'UTC')}
    )
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    u.of AS of, u.day AS day,
    u.channel AS channel, u.origin AS origin, u.size_band AS size_band, u.industry AS industry, u.region AS region,
    count() AS n,
    countIf(u.origin = 'marketing') AS marketing,
    countIf(u.origin = 'unknown') AS unknown,
    countIf(has(marketing_channels, u.says_marketing)) AS claimed_by_marketing,
    countIf(has(marketing_channels, u.says_sales)) AS claimed_by_sales,
    countIf(u.is_influenced) AS influenced
FROM units AS u
GROUP BY of, day, channel, origin, size_band, industry, region;

CREATE OR REPLACE VIEW boards.marketing_share DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.marketing_share_as_of(at = funnel_now());
