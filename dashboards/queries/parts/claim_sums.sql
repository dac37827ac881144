SELECT
    of,
    sum(n) AS units,
    sum(marketing) AS by_marketing,
    sum(unknown) AS untold,
    sum(claimed_by_marketing) AS marketing_says,
    sum(claimed_by_sales) AS sales_says,
    sum(influenced) AS touched,
    units >= 30 AS is_enough,
    by_marketing / units AS low,
    (by_marketing + untold) / units AS high
FROM boards.marketing_share
WHERE $__dateFilter(day) AND @segments_but_owner
GROUP BY of
