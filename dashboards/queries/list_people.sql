WITH
    places AS
    (
        SELECT account, max(name) AS name, groupUniqArray(division) AS divisions FROM boards.target_accounts GROUP BY account
    ),
    people AS
    (
        SELECT
            lead_id, crm_record_id, company, hot, account, department, job_title, stage, owner, channel, region,
            last_event_at
        FROM boards.lead_details
        WHERE account != '' AND account IN (SELECT account FROM places) AND began_at <= funnel_now()
    ),
    done AS
    (
        SELECT
            lead_id,
            max(is_touch) AS touched, max(is_inbound) AS engaged, max(is_meeting) AS met,
            max(is_touch AND side = 'marketing') AS by_marketing, max(is_touch AND side = 'sales') AS by_sales
        FROM
        (
            SELECT
                lead_id, toString(side) AS side, 1 AS is_touch, direction = 'inbound' AS is_inbound, 0 AS is_meeting
            FROM boards.touches
            WHERE occurred_at <= funnel_now()
            UNION ALL
            SELECT
                lead_id, toString(actor_role), human, direction = 'inbound',
                human AND boards.activities.kind = 'meeting'
            FROM boards.activities
            WHERE occurred_at <= funnel_now()
        )
        WHERE lead_id IN (SELECT lead_id FROM people)
        GROUP BY lead_id
    )
SELECT
    p.lead_id AS lead_id,
    p.crm_record_id AS crm_record_id,
    p.company AS company,
    p.hot AS hot,
    places.name AS account_name,
    p.department AS department,
    p.job_title AS job_title,
    if(d.touched, 'yes', 'no') AS touched,
    if(d.engaged, 'yes', 'no') AS engaged,
    if(d.met, 'yes', 'no') AS met,
    p.stage AS stage,
    p.owner AS owner,
    p.channel AS channel,
    p.region AS region,
    p.last_event_at AS last_event_at
FROM people AS p
INNER JOIN places ON places.account = p.account
LEFT JOIN done AS d ON d.lead_id = p.lead_id
WHERE @no_segments
    AND $__conditionalAll(p.account IN (${account:singlequote}), $account)
    AND $__conditionalAll(p.department IN (${division:singlequote}), $division)
    AND $__conditionalAll(hasAll(arrayFilter(
        x -> x != '',
        [
            if(d.touched, 'touched', ''), if(d.engaged, 'engaged', ''), if(d.met, 'met', ''),
            if(d.by_marketing, 'by_marketing', ''), if(d.by_sales, 'by_sales', '')
        ]), [${trait:singlequote}]), $trait)
ORDER BY account_name, department, last_event_at DESC, lead_id
