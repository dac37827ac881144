WITH @main_currency
SELECT
    count() AS deals,
    countIf(amount = 0) AS without_amount,
    if(deals > 0 AND without_amount = deals, NULL, sumIf(amount, boards.deals.currency = main)) AS revenue,
    countIf(amount != 0 AND boards.deals.currency != main) AS other_currencies,
    median(days_to_close) AS days,
    count(days_to_close) AS timed,
    countIf(before_first_contact) AS before_first_contact,
    main AS currency
FROM boards.deals
WHERE @deal_segments AND status = 'won' AND kind = 'new_business' AND $__timeFilter(closed_at)
