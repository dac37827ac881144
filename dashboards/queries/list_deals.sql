SELECT
    deals.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    if(leads.company != '', leads.company, deals.account) AS company,
    deals.deal_id AS deal_id,
    deals.status AS status,
    deals.kind AS deal_kind,
    deals.stage AS deal_stage,
    deals.amount AS amount,
    deals.currency AS currency,
    deals.owner AS owner,
    deals.channel AS channel,
    deals.created_at AS created_at,
    deals.closed_at AS closed_at,
    deals.days_to_close AS days_to_close,
    if(deals.before_first_contact, 'yes', 'no') AS before_first_contact
FROM
(
    SELECT *
    FROM boards.deals
    WHERE $__conditionalAll(status IN (${status:singlequote}), $status)
        AND $__conditionalAll(boards.deals.kind IN (${deal_kind:singlequote}), $deal_kind)
        AND $__conditionalAll(if('closed' IN (${when:singlequote}),
            $__timeFilter(closed_at), $__timeFilter(created_at)), $when)
        AND $__conditionalAll(deal_id IN
            (
                SELECT deal_id FROM boards.deal_origins_as_of(at = funnel_now())
                WHERE origin IN (${origin:singlequote})
            ), $origin)
        AND $__conditionalAll(lead_id IN
            (SELECT lead_id FROM boards.obligations WHERE state IN (${state:singlequote}) AND @segments), $state)
        AND (NOT $__conditionalAll(1 = 0, $state) OR @deal_segments)
) AS deals
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = deals.lead_id
ORDER BY amount DESC, deal_id
