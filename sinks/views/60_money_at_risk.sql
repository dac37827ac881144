-- A row per lead that is leaking: the amount of its latest open new deal; of one without, the estimate p_win times the
-- mean amount won in its size band. p_win: who became a customer, of those that entered the lead's stage long enough ago
-- to be done, in its size band, drawn to that of all sizes by the weight of ten leads. Deals without a rate keep their
-- own currency, so sum by currency. Left out: customers without an open deal, who have bought already.
CREATE OR REPLACE VIEW boards.money_at_risk_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT customer_within FROM boards.constants) AS customer_within,
    (SELECT ifNull(currency, '') FROM boards.reporting_currency) AS reporting_currency,
    deals AS
    (
        SELECT * FROM boards.deal_origins_as_of(at = {at:DateTime64(6, 'UTC')}) WHERE kind = 'new_business'
    ),
    entered AS
    (
        SELECT lead_id, toString(stage) AS stage, entered_at, left_at
        FROM boards.stage_entries
        WHERE NOT regressed AND entered_at <= {at:DateTime64(6, 'UTC')}
    ),
    standing AS
    (
        SELECT lead_id, argMax(stage, entered_at) AS stage
        FROM entered
        WHERE left_at IS NULL OR left_at > {at:DateTime64(6, 'UTC')}
        GROUP BY lead_id
    ),
    of_segment AS
    (
        SELECT
            e.stage AS stage, toString(l.size_band) AS size_band,
            count() AS n, countIf(e.lead_id IN (SELECT lead_id FROM entered WHERE stage = 'customer')) AS wins
        FROM
        (
            SELECT DISTINCT lead_id, stage FROM entered
            WHERE entered_at <= {at:DateTime64(6, 'UTC')} - toIntervalSecond(customer_within)
        ) AS e
        INNER JOIN boards.leads AS l ON l.lead_id = e.lead_id
        GROUP BY stage, size_band
    ),
    of_stage AS
    (
        SELECT stage, sum(wins) / sum(n) AS p FROM of_segment GROUP BY stage
    ),
    of_band AS
    (
        SELECT size_band, avg(amount_reporting) AS mean FROM deals WHERE status = 'won' GROUP BY size_band
    ),
    (SELECT ifNull(avg(amount_reporting), 0) FROM deals WHERE status = 'won') AS mean_of_all,
    own AS
    (
        SELECT
            lead_id,
            argMax(
                if(amount_reporting IS NULL, (amount, currency), (assumeNotNull(amount_reporting), reporting_currency)),
                (created_at, deal_id)
            ) AS worth
        FROM deals
        WHERE status = 'open' AND amount > 0 AND lead_id != ''
        GROUP BY lead_id
    )
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    o.lead_id AS lead_id,
    ifNull(l.owner, '') AS owner,
    if(ifNull(s.stage, '') = '', 'known', assumeNotNull(s.stage)) AS stage,
    ifNull(toString(l.channel), '') AS channel, ifNull(toString(l.origin), '') AS origin,
    ifNull(toString(l.size_band), '') AS size_band, ifNull(toString(l.industry), '') AS industry,
    ifNull(toString(l.region), '') AS region,
    if(basis = 'deal', assumeNotNull(w.worth.1), p_win * mean_amount) AS amount,
    if(basis = 'deal', assumeNotNull(w.worth.2), reporting_currency) AS currency,
    if(ifNull(w.lead_id, '') = '', 'estimate', 'deal') AS basis,
    (ifNull(h.wins, 0) + 10 * ifNull(a.p, 0)) / (ifNull(h.n, 0) + 10) AS p_win,
    coalesce(b.mean, mean_of_all) AS mean_amount
FROM
(
    SELECT DISTINCT lead_id FROM boards.obligations_as_of(at = {at:DateTime64(6, 'UTC')}) WHERE state = 'leaking'
) AS o
LEFT JOIN boards.leads AS l ON l.lead_id = o.lead_id
LEFT JOIN standing AS s ON s.lead_id = o.lead_id
LEFT JOIN own AS w ON w.lead_id = o.lead_id
LEFT JOIN of_segment AS h ON h.stage = s.stage AND h.size_band = l.size_band
LEFT JOIN of_stage AS a ON a.stage = s.stage
LEFT JOIN of_band AS b ON b.size_band = l.size_band
WHERE ifNull(s.stage, '') != 'customer' OR ifNull(w.lead_id, '') != '';

CREATE OR REPLACE VIEW boards.money_at_risk DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.money_at_risk_as_of(at = funnel_now());
