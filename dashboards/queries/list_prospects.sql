SELECT
    prospects.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    leads.company AS company,
    prospects.entered_at AS entered_at,
    prospects.generated_by AS generated_by,
    prospects.origin AS origin,
    if(prospects.is_customer, 'yes', 'no') AS customer,
    leads.stage AS stage,
    prospects.owner AS owner,
    prospects.channel AS channel,
    prospects.region AS region
FROM
(
    SELECT *
    FROM
    (
        @prospects
    ) AS each
    WHERE @segments
        AND $__dateFilter(toDate(entered_at))
        AND $__conditionalAll(
            if(generated_by IN ('sales', 'marketing'), generated_by, 'unknown') IN (${generated_by:singlequote}),
            $generated_by)
        AND $__conditionalAll(if(is_customer, 'yes', 'no') IN (${customer:singlequote}), $customer)
) AS prospects
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = prospects.lead_id
ORDER BY entered_at DESC, lead_id
