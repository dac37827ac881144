SELECT
    owed.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    leads.company AS company,
    owed.hot AS hot,
    owed.kind AS kind,
    owed.state AS state,
    owed.owner AS owner,
    owed.owed_by AS owed_by,
    owed.opened_at AS opened_at,
    owed.due_at AS due_at,
    if(owed.state IN ('open', 'warned', 'leaking'), dateDiff('second', funnel_now(), owed.due_at) / 60, NULL) AS left,
    if(owed.state IN ('met', 'recovered'), owed.met_at, owed.ended_at) AS settled_at,
    leads.stage AS stage,
    owed.channel AS channel,
    owed.region AS region,
    deals.deal_amount AS amount,
    deals.deal_currency AS currency
FROM
(
    SELECT *
    FROM boards.obligations
    WHERE @segments
        AND $__conditionalAll(kind IN (${kind:singlequote}), $kind)
        AND $__conditionalAll(owed_by IN (${side:singlequote}), $side)
        AND $__conditionalAll(state IN (${state:singlequote}), $state)
        AND $__conditionalAll((lead_id, kind, cause) IN
            (SELECT lead_id, kind, cause FROM boards.verdicts WHERE verdict IN (${verdict:singlequote})), $verdict)
        AND $__conditionalAll(if(kind IN (SELECT kind FROM boards.measured WHERE measured), 'yes', 'no')
            IN (${measured:singlequote}), $measured)
        AND $__conditionalAll(toString(rolling) IN (${rolling:singlequote}), $rolling)
        AND $__conditionalAll(multiIf(
            'due' IN (${when:singlequote}), $__timeFilter(due_at),
            'done' IN (${when:singlequote}), $__timeFilter(if(state IN ('met', 'recovered'), met_at, ended_at)),
            1), $when)
        AND $__conditionalAll(toString(toUnixTimestamp($__timeInterval(due_at))) IN (${bucket:singlequote}), $bucket)
) AS owed
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = owed.lead_id
LEFT JOIN
(
    @open_deals
) AS deals ON deals.lead_id = owed.lead_id
ORDER BY left IS NULL, abs(left) > 24 * 60, hot DESC, abs(left), settled_at DESC, lead_id, kind
