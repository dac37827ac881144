SELECT
    given.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    leads.company AS company,
    given.hot AS hot,
    given.assigned_at AS assigned_at,
    given.owner AS owner,
    if(given.ready = 'yes', 'met', 'not_met') AS definition,
    given.age_days AS age_days,
    given.touched AS touched_at,
    given.decision AS decision,
    leads.stage AS stage,
    given.channel AS channel,
    given.region AS region
FROM
(
    SELECT *
    FROM
    (
        @given
    ) AS each
    WHERE @segments
        AND $__dateFilter(toDate(assigned_at))
        AND $__conditionalAll(ready IN (${ready:singlequote}), $ready)
        AND $__conditionalAll(decision IN (${decision:singlequote}), $decision)
        AND $__conditionalAll(hasAll(traits, [${trait:singlequote}]), $trait)
) AS given
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = given.lead_id
ORDER BY assigned_at DESC, lead_id
