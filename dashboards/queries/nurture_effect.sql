WITH
    each AS
    (
        SELECT *
        FROM boards.nurture_effect_as_of(
            at = funnel_now(), since = toDate($__fromTime), until = toDate(funnel_now()) + 1)
        WHERE @only_region
    )
SELECT
    size_band, region, score_band,
    sumIf(leads, nurtured = 1) AS with_leads,
    sumIf(opportunities, nurtured = 1) AS with_deals,
    if(with_leads >= 30, with_deals / with_leads, NULL) AS with_rate,
    sumIf(won, nurtured = 1) AS with_won,
    if(with_won > 0, sumIf(amount_sum, nurtured = 1) / with_won, NULL) AS with_amount,
    anyIf(days_median, nurtured = 1) AS with_days,
    sumIf(leads, nurtured = 0) AS without_leads,
    sumIf(opportunities, nurtured = 0) AS without_deals,
    if(without_leads >= 30, without_deals / without_leads, NULL) AS without_rate,
    sumIf(won, nurtured = 0) AS without_won,
    if(without_won > 0, sumIf(amount_sum, nurtured = 0) / without_won, NULL) AS without_amount,
    anyIf(days_median, nurtured = 0) AS without_days,
    (SELECT ifNull(currency, '') FROM boards.reporting_currency) AS currency
FROM each
GROUP BY size_band, region, score_band
HAVING with_leads > 0
ORDER BY least(with_leads, without_leads) DESC, with_leads DESC, size_band, region, score_band
LIMIT 12
