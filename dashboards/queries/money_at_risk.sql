WITH
    leaking AS (SELECT DISTINCT lead_id FROM boards.obligations WHERE state = 'leaking' AND @segments),
    @main_currency
SELECT
    main AS currency,
    sumOrNullIf(amount, amount != 0 AND currency = main) AS amount,
    uniqExactIf(lead_id, boards.deals.amount != 0 AND boards.deals.currency = main) AS leads,
    countIf(boards.deals.amount != 0 AND boards.deals.currency != main) AS other_currencies,
    (SELECT count() FROM leaking) AS leaking
FROM boards.deals
WHERE status = 'open' AND lead_id IN (SELECT lead_id FROM leaking)
