SELECT
    r.lead_id AS lead_id, r.cycle AS cycle, r.first.1 AS rejected_at,
    r.first.3 AS channel, r.first.4 AS region, r.first.5 AS reason_class, r.first.6 AS owner, l.account AS account,
    rejected_at <= funnel_now() - toIntervalSecond(regret_within) AS is_mature,
    arraySort(arrayFilter(
        x -> x.1 > rejected_at AND x.1 <= rejected_at + toIntervalSecond(regret_within), p.deals)) AS own,
    arraySort(arrayFilter(
        x -> x.4 != r.lead_id AND x.1 > rejected_at AND x.1 <= rejected_at + toIntervalSecond(regret_within),
        a.deals)) AS others,
    multiIf(notEmpty(own), 'person', notEmpty(others), 'account', '') AS bought_by,
    if(notEmpty(own), own, others)[1] AS deal
FROM
(
    SELECT
        e.lead_id AS lead_id, e.cycle AS cycle,
        min((
            e.entered_at, e.cause, toString(e.channel), toString(e.region), toString(e.reason_class), e.owner
        )) AS first
    FROM boards.stage_entries AS e
    WHERE e.stage = 'rejected' AND NOT e.regressed AND e.entered_at <= funnel_now()
    GROUP BY e.lead_id, e.cycle
) AS r
LEFT JOIN boards.leads AS l ON l.lead_id = r.lead_id
LEFT JOIN
(
    SELECT lead_id, groupArray((created_at, amount, toString(currency), lead_id)) AS deals
    FROM boards.deals
    WHERE status = 'won' AND boards.deals.kind = 'new_business' AND lead_id != ''
        AND created_at <= funnel_now() AND closed_at <= funnel_now()
    GROUP BY lead_id
) AS p ON p.lead_id = r.lead_id
LEFT JOIN
(
    SELECT account, groupArray((created_at, amount, toString(currency), lead_id)) AS deals
    FROM boards.deals
    WHERE status = 'won' AND boards.deals.kind = 'new_business' AND account != ''
        AND created_at <= funnel_now() AND closed_at <= funnel_now()
    GROUP BY account
) AS a ON a.account = l.account
