SELECT
    argMax(of_currency.currency, priced) AS currency,
    if(max(priced) = 0, NULL, argMax(worth, priced)) AS amount,
    argMax(with_deal, priced) AS deals,
    argMax(deal_worth, priced) AS deal_amount,
    argMax(guessed, priced) AS estimates,
    ifNull(amount, 0) - deal_amount AS estimate_amount,
    sum(unpriced) AS unvalued,
    sum(priced) - max(priced) AS other_currencies,
    sum(number) AS leads
FROM
(
    SELECT
        currency,
        count() AS number,
        countIf(amount != 0) AS priced,
        countIf(basis = 'estimate' AND amount = 0) AS unpriced,
        countIf(basis = 'estimate' AND amount != 0) AS guessed,
        countIf(basis = 'deal') AS with_deal,
        sum(amount) AS worth,
        sumIf(amount, basis = 'deal') AS deal_worth
    FROM boards.money_at_risk
    WHERE @segments
    GROUP BY currency
) AS of_currency
