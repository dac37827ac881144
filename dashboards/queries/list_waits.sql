SELECT
    waits.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    leads.company AS company,
    waits.hot AS hot,
    waits.owner AS owner,
    waits.opened_at AS opened_at,
    waits.touched_at AS touched_at,
    waits.wait_s / 60 AS minutes,
    waits.office_s / 60 AS office_minutes,
    leads.stage AS stage,
    waits.channel AS channel,
    waits.region AS region
FROM
(
    SELECT *
    FROM boards.response_leads
    WHERE @segments
        AND $__dateFilter(toDate(opened_at))
        AND $__conditionalAll(if(touched_at IS NULL, 'no', 'yes') IN (${touched:singlequote}), $touched)
) AS waits
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = waits.lead_id
ORDER BY touched_at IS NULL DESC, minutes DESC, opened_at, lead_id
