-- Deals at the rate of the day (UTC) they were closed, else made. amount_reporting is null where there is no rate, and
-- `problem` says for which currency; 0 needs none.
CREATE OR REPLACE VIEW boards.deals_reporting DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH (SELECT currency FROM boards.reporting_currency) AS reporting
SELECT
    d.deal_id AS deal_id, d.lead_id AS lead_id, d.amount AS amount, d.currency AS currency, d.day AS day,
    multiIf(d.currency = reporting, d.amount, d.amount = 0, 0., d.amount * r.rate) AS amount_reporting,
    reporting AS reporting_currency,
    multiIf(amount_reporting IS NOT NULL, '', d.currency = '', 'no currency', 'no rate for ' || d.currency) AS problem
FROM
(
    SELECT
        b.deal_id AS deal_id, b.lead_id AS lead_id, b.amount AS amount, toString(b.currency) AS currency,
        toDate(ifNull(b.closed_at, b.created_at)) AS day
    FROM boards.deals AS b
) AS d
ASOF LEFT JOIN (SELECT currency, valid_from, toNullable(rate) AS rate FROM boards.rates) AS r
    ON r.currency = d.currency AND r.valid_from <= d.day;

-- What cannot be converted: how many lines of spend and deals, on which days.
CREATE OR REPLACE VIEW boards.missing_rates DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT 'spend' AS kind, currency, count() AS amounts, min(first_day) AS first_day, max(last_day) AS last_day
FROM boards.spend
WHERE amount_reporting IS NULL
GROUP BY currency
UNION ALL
SELECT 'deals', currency, count(), min(day), max(day)
FROM boards.deals_reporting
WHERE amount_reporting IS NULL
GROUP BY currency;
