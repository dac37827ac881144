WITH
    risks AS (SELECT * FROM boards.money_at_risk WHERE @segments),
    (SELECT topKIf(1)(currency, amount != 0) FROM risks)[1] AS main
SELECT
    main AS currency,
    sumOrNullIf(risks.amount, risks.currency = main AND risks.amount != 0) AS amount,
    countIf(basis = 'deal' AND risks.currency = main) AS deals,
    sumIf(risks.amount, basis = 'deal' AND risks.currency = main) AS deal_amount,
    countIf(basis = 'estimate' AND risks.amount != 0) AS estimates,
    countIf(basis = 'estimate' AND risks.amount = 0) AS unvalued,
    sumIf(risks.amount, basis = 'estimate' AND risks.currency = main) AS estimate_amount,
    countIf(risks.amount != 0 AND risks.currency != main) AS other_currencies,
    count() AS leads
FROM risks
