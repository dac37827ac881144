WITH
    @steps,
    (SELECT origin_kinds FROM boards.constants) AS kinds
SELECT
    leads.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    leads.company AS company,
    leads.hot AS hot,
    leads.stage AS stage,
    if(reached.furthest = 0, '', steps[reached.furthest]) AS furthest_stage,
    leads.owner AS owner,
    leads.channel AS channel,
    leads.origin AS origin,
    leads.region AS region,
    leads.began_at AS began_at,
    leads.last_event_at AS last_event_at
FROM
(
    SELECT *
    FROM boards.lead_details
    WHERE @segments
        AND $__timeFilter(began_at)
        AND $__conditionalAll(origin IN (${origin:singlequote}), $origin)
        AND $__conditionalAll(toString(size_band) IN (${size:singlequote}), $size)
        AND $__conditionalAll(multiIf(
                kinds[toString(origin)] IN ('inbound', 'outbound'), kinds[toString(origin)],
                kinds[toString(origin)] IN ('referral', 'partner'), 'referred',
                'unknown'
            ) IN (${came:singlequote}), $came)
        AND $__conditionalAll(toString(toUnixTimestamp($__timeInterval(began_at))) IN (${bucket:singlequote}), $bucket)
        AND $__conditionalAll(lead_id IN
            (SELECT lead_id FROM (@first_campaign) WHERE first_campaign IN (${campaign:singlequote})), $campaign)
) AS leads
LEFT JOIN (@reached) AS reached ON reached.lead_id = leads.lead_id
WHERE $__conditionalAll(reached.first <= indexOf(steps, ${step:singlequote})
        AND reached.furthest >= indexOf(steps, ${step:singlequote}), $step)
ORDER BY began_at DESC, lead_id
