SELECT *
FROM
(
    SELECT
        owed.lead_id AS lead_id,
        leads.crm_record_id AS crm_record_id,
        leads.company AS company,
        owed.kind AS kind,
        owed.state AS state,
        owed.owner AS owner,
        owed.owed_by AS owed_by,
        dateDiff('second', funnel_now(), owed.due_at) / 60 AS left,
        leads.stage AS stage,
        owed.hot AS hot,
        deals.deal_amount AS amount,
        deals.deal_currency AS currency
    FROM
    (
        SELECT *
        FROM boards.obligations
        WHERE state IN ('leaking', 'warned') AND kind != 'rejected_without_reason' AND @segments
    ) AS owed
    LEFT JOIN boards.lead_details AS leads ON leads.lead_id = owed.lead_id
    LEFT JOIN
    (
        @open_deals
    ) AS deals ON deals.lead_id = owed.lead_id
    ORDER BY state = 'leaking' DESC, left, kind
    LIMIT 1 BY lead_id
) AS most_urgent
ORDER BY abs(left) > 24 * 60, hot DESC, abs(left), lead_id
LIMIT 10
