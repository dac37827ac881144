WITH
    lapses AS
    (
        SELECT o.lead_id AS lead_id, groupArray(o.opened_at) AS opened
        FROM boards.obligations AS o
        WHERE o.kind = 'nurture_lapsed' AND o.state IN ('leaking', 'recovered', 'lost')
        GROUP BY o.lead_id
    ),
    units AS
    (
        SELECT
            e.lead_id AS lead_id, e.cycle AS cycle, e.entered_at AS entered_at, e.left_at AS left_at, e.next AS next,
            e.channel AS channel, e.region AS region,
            arrayFilter(
                x -> x != '',
                [
                    if(r.last_mql_at > e.entered_at, 'again', ''),
                    if(r.last_customer_at > e.entered_at, 'customer', ''),
                    if(arrayExists(
                        x -> x >= e.entered_at AND NOT ifNull(e.left_at <= funnel_now() AND x >= e.left_at, 0),
                        l.opened
                    ), 'lapsed', ''),
                    if(e.left_at <= funnel_now(), 'left', '')
                ]
            ) AS traits
        FROM boards.stage_entries AS e
        LEFT JOIN boards.reach_as_of(at = funnel_now()) AS r ON r.lead_id = e.lead_id
        LEFT JOIN lapses AS l ON l.lead_id = e.lead_id
        WHERE e.stage = 'nurture' AND NOT e.regressed AND e.entered_at <= funnel_now()
    )
SELECT
    nurtured.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    leads.company AS company,
    leads.hot AS hot,
    nurtured.entered_at AS entered_at,
    nurtured.cycle AS cycle,
    nurtured.left_at AS left_at,
    nurtured.next AS next_stage,
    if(has(nurtured.traits, 'lapsed'), 'yes', 'no') AS lapsed,
    leads.stage AS stage,
    leads.owner AS owner,
    nurtured.channel AS channel,
    nurtured.region AS region
FROM
(
    SELECT *
    FROM units
    WHERE $__dateFilter(toDate(entered_at))
        AND @segments_but_owner
        AND $__conditionalAll(toString(cycle) IN (${cycle:singlequote}), $cycle)
        AND $__conditionalAll(hasAll(traits, [${trait:singlequote}]), $trait)
) AS nurtured
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = nurtured.lead_id
ORDER BY entered_at DESC, lead_id
