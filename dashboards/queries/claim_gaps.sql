WITH claim -> multiIf(claim > high, claim - high, claim < low, claim - low, 0) AS beyond
SELECT
    of,
    units,
    marketing_says, if(is_enough, marketing_says / units, NULL) AS marketing_rate,
    sales_says, if(is_enough, sales_says / units, NULL) AS sales_rate,
    by_marketing, if(is_enough, low, NULL) AS low_rate,
    by_marketing + untold AS at_most, if(is_enough, high, NULL) AS high_rate,
    if(is_enough, beyond(marketing_says / units), NULL) AS marketing_gap,
    if(is_enough, beyond(sales_says / units), NULL) AS sales_gap,
    if(is_enough, (marketing_says - sales_says) / units, NULL) AS dispute,
    touched, if(is_enough, touched / units, NULL) AS touched_rate
FROM
(
    @claim_sums
) AS sums
ORDER BY of
