WITH @main_currency
SELECT
    channel,
    if(countIf(amount != 0) = 0, NULL, sumIf(amount, boards.deals.currency = main)) AS revenue,
    count() AS deals,
    main AS currency
FROM boards.deals
WHERE @deal_segments AND status = 'won' AND kind = 'new_business' AND $__timeFilter(closed_at)
GROUP BY channel
ORDER BY revenue DESC NULLS LAST, deals DESC, channel
