WITH
    (SELECT marketing_channels FROM boards.constants) AS marketing_channels,
    assumeNotNull((SELECT influence_look_back FROM boards.constants)) AS look_back,
    touched AS (SELECT lead_id, occurred_at FROM boards.touches WHERE side = 'marketing' AND occurred_at <= funnel_now()),
    touched_by AS
    (
        SELECT whose, groupArray(occurred_at) AS times
        FROM
        (
            SELECT concat('lead ', lead_id) AS whose, occurred_at FROM touched
            UNION ALL
            SELECT concat('account ', l.account) AS whose, m.occurred_at AS occurred_at
            FROM touched AS m
            INNER JOIN (SELECT lead_id, account FROM boards.leads WHERE account != '') AS l ON l.lead_id = m.lead_id
        )
        GROUP BY whose
    ),
    units AS
    (
        SELECT
            'customers' AS of, lead_id, deal_id, account, assumeNotNull(closed_at) AS at, created_at AS before,
            channel, origin, region, claimed_by_marketing, claimed_by_sales,
            if(lead_id = '', concat('account ', account), concat('lead ', lead_id)) AS whose
        FROM boards.deal_origins_as_of(at = funnel_now())
        WHERE status = 'won' AND kind = 'new_business'
        UNION ALL
        SELECT
            'leads', lead_id, '', account, began_at, funnel_now() + toIntervalMicrosecond(1),
            toString(channel), toString(origin), toString(region),
            toString(claimed_by_marketing), toString(claimed_by_sales), concat('lead ', lead_id)
        FROM boards.leads
        WHERE began_at <= funnel_now()
    ),
    judged AS
    (
        SELECT
            u.*,
            arrayFilter(
                x -> x != '',
                [
                    if(u.origin = 'marketing', 'computed', ''),
                    if(u.origin = 'unknown', 'cannot_tell', ''),
                    if(u.origin IN ('marketing', 'unknown'), 'at_most', ''),
                    if(has(marketing_channels, u.claimed_by_marketing), 'claimed_by_marketing', ''),
                    if(has(marketing_channels, u.claimed_by_sales), 'claimed_by_sales', ''),
                    if(
                        arrayExists(
                            x -> x < u.before AND (u.of = 'leads' OR x >= u.before - toIntervalSecond(look_back)),
                            m.times
                        ),
                        'influenced', '')
                ]
            ) AS traits
        FROM units AS u
        LEFT JOIN touched_by AS m ON m.whose = u.whose
    )
SELECT
    claims.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    if(leads.company != '', leads.company, claims.account) AS company,
    claims.of AS of,
    claims.deal_id AS deal_id,
    claims.at AS at,
    claims.origin AS origin,
    claims.claimed_by_marketing AS claimed_by_marketing,
    claims.claimed_by_sales AS claimed_by_sales,
    if(has(claims.traits, 'influenced'), 'yes', 'no') AS influenced,
    leads.owner AS owner,
    claims.channel AS channel
FROM
(
    SELECT *
    FROM judged
    WHERE @segments_but_owner
        AND $__dateFilter(toDate(at))
        AND $__conditionalAll(of IN (${of:singlequote}), $of)
        AND $__conditionalAll(hasAll(traits, [${trait:singlequote}]), $trait)
        AND $__conditionalAll(
            toString(toUnixTimestamp($__timeInterval(toDateTime(toDate(at), 'UTC')))) IN (${bucket:singlequote}), $bucket)
) AS claims
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = claims.lead_id
ORDER BY at DESC, lead_id, deal_id
