WITH assumeNotNull((SELECT regret_within FROM boards.constants)) AS regret_within
SELECT
    units.lead_id AS lead_id,
    if(leads.company != '', leads.company, units.account) AS company,
    units.account AS account,
    units.rejected_at AS rejected_at,
    if(units.reason_class = '', 'none_given', units.reason_class) AS reason,
    units.bought_by AS bought_by,
    dateDiff('second', units.rejected_at, units.deal.1) / 86400 AS days,
    units.deal.2 AS amount,
    units.deal.3 AS currency,
    leads.crm_record_id AS crm_record_id
FROM
(
    SELECT *
    FROM
    (
        @rejections
    ) AS each
    WHERE bought_by != '' AND $__dateFilter(toDate(rejected_at)) AND @segments
) AS units
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = units.lead_id
ORDER BY amount DESC, rejected_at DESC, lead_id
LIMIT 10
