WITH
    ways AS
    (
        SELECT
            lead_id,
            minIf(
                (
                    entered_at, cause, toString(size_band), toString(region),
                    multiIf(hot, 'hot', ready, 'ready', 'below'), owner, toString(channel)
                ),
                stage = 'mql'
            ) AS mql,
            minIf(toNullable(entered_at), stage IN ('opportunity', 'customer')) AS opportunity_at,
            minIf(toNullable(entered_at), stage = 'nurture') AS nurture_at
        FROM boards.stage_entries
        WHERE NOT regressed AND entered_at <= funnel_now()
        GROUP BY lead_id
        HAVING countIf(stage = 'mql') > 0
    ),
    wins AS
    (
        SELECT lead_id
        FROM boards.deals
        WHERE status = 'won' AND boards.deals.kind = 'new_business' AND lead_id != ''
            AND created_at <= funnel_now() AND closed_at <= funnel_now()
    ),
    units AS
    (
        SELECT
            lead_id, mql.1 AS entered_at, mql.3 AS size_band, mql.4 AS region, mql.5 AS score_band,
            mql.6 AS owner, mql.7 AS channel,
            if(ifNull(nurture_at < opportunity_at, nurture_at IS NOT NULL), 'yes', 'no') AS nurtured,
            arrayFilter(
                x -> x != '',
                [if(opportunity_at IS NOT NULL, 'opportunity', ''), if(lead_id IN wins, 'customer', '')]) AS traits
        FROM ways
    )
SELECT
    mqls.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    leads.company AS company,
    mqls.entered_at AS entered_at,
    mqls.nurtured AS nurtured,
    mqls.size_band AS size_band,
    mqls.score_band AS score_band,
    leads.stage AS stage,
    mqls.owner AS owner,
    mqls.channel AS channel,
    mqls.region AS region
FROM
(
    SELECT *
    FROM units
    WHERE $__dateFilter(toDate(entered_at))
        AND @only_region
        AND $__conditionalAll(nurtured IN (${nurtured:singlequote}), $nurtured)
        AND $__conditionalAll(size_band IN (${size:singlequote}), $size)
        AND $__conditionalAll(score_band IN (${score:singlequote}), $score)
        AND $__conditionalAll(hasAll(traits, [${trait:singlequote}]), $trait)
) AS mqls
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = mqls.lead_id
ORDER BY entered_at DESC, lead_id
