-- The deals made by `at`, as they stood then, and where they come from: as their lead does; that of an account alone as
-- the first of its people before the deal (partner and referral before marketing and sales before direct), else unknown.
-- Size, industry and region are the lead's. amount_reporting is null where there is no rate.
CREATE OR REPLACE VIEW boards.deal_origins_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    people AS
    (
        SELECT
            lead_id, account, toString(channel) AS of_channel, toString(origin) AS of_origin,
            assumeNotNull(origin_at) AS since,
            indexOf(['partner', 'referral', 'marketing', 'sales', 'direct'], of_origin) AS place
        FROM boards.lead_details
        WHERE account != '' AND origin_at IS NOT NULL AND place > 0
    ),
    of_accounts AS
    (
        SELECT
            d.deal_id AS deal_id,
            argMin((p.of_channel, p.of_origin), (intDiv(p.place + 1, 2), p.since, p.place, p.lead_id)) AS came
        FROM boards.deals AS d
        INNER JOIN people AS p ON p.account = d.account
        WHERE d.lead_id = '' AND p.since < d.created_at
        GROUP BY d.deal_id
    )
SELECT
    d.deal_id AS deal_id, d.lead_id AS lead_id, d.account AS account, d.kind AS kind,
    if(ifNull(d.closed_at <= {at:DateTime64(6, 'UTC')}, 0), toString(d.status), 'open') AS status,
    d.created_at AS created_at,
    if(d.closed_at <= {at:DateTime64(6, 'UTC')}, d.closed_at, NULL) AS closed_at,
    if(d.closed_at <= {at:DateTime64(6, 'UTC')}, d.days_to_close, NULL) AS days_to_close,
    if(ifNull(a.came.2, '') = '', toString(d.channel), assumeNotNull(a.came.1)) AS channel,
    if(ifNull(a.came.2, '') = '', toString(d.origin), assumeNotNull(a.came.2)) AS origin,
    ifNull(toString(l.size_band), '') AS size_band, ifNull(toString(l.industry), '') AS industry,
    ifNull(toString(l.region), '') AS region,
    toString(d.claimed_by_sales) AS claimed_by_sales, toString(d.claimed_by_marketing) AS claimed_by_marketing,
    d.amount AS amount, toString(d.currency) AS currency,
    r.amount_reporting AS amount_reporting, r.reporting_currency AS reporting_currency
FROM boards.deals AS d
LEFT JOIN of_accounts AS a ON a.deal_id = d.deal_id
LEFT JOIN boards.leads AS l ON l.lead_id = d.lead_id
LEFT JOIN boards.deals_reporting AS r ON r.deal_id = d.deal_id AND r.lead_id = d.lead_id
WHERE d.created_at <= {at:DateTime64(6, 'UTC')};
