SELECT
    if(is_enough, (marketing_says - sales_says) / units, NULL) AS dispute,
    marketing_says, sales_says, by_marketing, untold, units
FROM
(
    @claim_sums
) AS sums
WHERE of = 'customers'
