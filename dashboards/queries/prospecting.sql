SELECT
    owner,
    countIf(generated_by = 'sales') AS own_deals,
    countIf(generated_by = 'sales' AND is_customer) AS own_customers,
    countIf(generated_by = 'marketing') AS inbound_deals,
    countIf(generated_by = 'marketing' AND is_customer) AS inbound_customers,
    countIf(generated_by NOT IN ('sales', 'marketing')) AS other_deals,
    countIf(generated_by NOT IN ('sales', 'marketing') AND is_customer) AS other_customers,
    count() AS deals,
    if(deals >= 30, own_deals / deals, NULL) AS own_rate
FROM
(
    @prospects
) AS prospects
WHERE $__dateFilter(toDate(entered_at)) AND @segments
GROUP BY owner
ORDER BY deals DESC, owner
