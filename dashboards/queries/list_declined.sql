WITH assumeNotNull((SELECT regret_within FROM boards.constants)) AS regret_within
SELECT
    units.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    if(leads.company != '', leads.company, units.account) AS company,
    units.account AS account,
    units.rejected_at AS rejected_at,
    if(units.reason_class = '', 'none_given', units.reason_class) AS reason,
    units.bought_by AS bought_by,
    if(units.bought_by = '', NULL, dateDiff('second', units.rejected_at, units.deal.1) / 86400) AS days,
    if(units.bought_by = '', NULL, units.deal.2) AS amount,
    units.deal.3 AS currency,
    leads.stage AS stage,
    units.owner AS owner,
    units.channel AS channel,
    units.region AS region
FROM
(
    SELECT *
    FROM
    (
        @rejections
    ) AS each
    WHERE @segments
        AND multiIf(
            $__conditionalAll('entered' IN (${when:singlequote}), $when), $__dateFilter(toDate(rejected_at)),
            is_mature AND $__dateFilter(toDate(toDate(rejected_at) + toIntervalSecond(regret_within))))
        AND $__conditionalAll(reason_class IN (${reason:singlequote}), $reason)
        AND $__conditionalAll(bought_by IN (${bought_by:singlequote}), $bought_by)
) AS units
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = units.lead_id
ORDER BY bought_by = '', rejected_at DESC, lead_id
