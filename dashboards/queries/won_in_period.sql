WITH @main_currency
SELECT
    count() AS deals,
    sumIf(amount, boards.deals.currency = main) AS revenue,
    countIf(boards.deals.currency != main) AS other_currencies,
    median(days_to_close) AS days,
    count(days_to_close) AS timed,
    countIf(before_first_contact) AS before_first_contact,
    main AS currency
FROM boards.deals
WHERE @deal_segments AND status = 'won' AND kind = 'new_business' AND $__timeFilter(closed_at)
