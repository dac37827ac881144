WITH
    assumeNotNull((SELECT mql_matures FROM boards.constants)) AS mql_matures,
    assumeNotNull((SELECT customer_within FROM boards.constants)) AS customer_within,
    assumeNotNull((SELECT vanished_after FROM boards.constants)) AS vanished_after,
    given AS
    (
        SELECT lead_id, greatest(cycle, toUInt16(1)) AS cycle FROM boards.assignments WHERE assigned_at <= funnel_now()
    ),
    heard_of AS
    (
        SELECT lead_id
        FROM boards.lead_events
        WHERE occurred_at > funnel_now() - toIntervalSecond(vanished_after) AND occurred_at <= funnel_now()
    ),
    judged AS
    (
        SELECT
            m.lead_id AS lead_id, m.cycle AS cycle, m.entered_at AS entered_at, m.owner AS owner,
            m.channel AS channel, m.region AS region, m.score AS score,
            multiIf(
                m.reached >= 3, 'advanced',
                m.left_for = 'rejected', concat('declined: ', multiIf(
                    m.reason_class != '', m.reason_class, m.reason != '', m.reason, 'none given')),
                m.left_for = 'nurture', 'nurtured',
                m.left_for = 'lost', 'lost',
                m.lead_id IN heard_of, 'open',
                'vanished'
            ) AS became,
            m.entered_at <= funnel_now() - toIntervalSecond(mql_matures) AS is_mature,
            m.ready AND m.entered_at <= funnel_now() - toIntervalSecond(customer_within) AS was_ready,
            arrayFilter(
                x -> x != '',
                [
                    if(m.reached >= 3, 'accepted', ''),
                    if((m.lead_id, m.cycle) IN given, 'handed_over', ''),
                    if(m.cycle <= ifNull(r.opportunity_cycle, 0), 'opportunity', ''),
                    if(m.cycle <= ifNull(r.customer_cycle, 0), 'customer', ''),
                    if(
                        was_ready AND arrayExists(
                            x -> x >= m.entered_at AND x <= m.entered_at + toIntervalSecond(customer_within),
                            r.customer_at),
                        'ready_customer', '')
                ]
            ) AS traits
        FROM boards.mql_units_as_of(at = funnel_now()) AS m
        LEFT JOIN boards.reach_as_of(at = funnel_now()) AS r ON r.lead_id = m.lead_id
    )
SELECT
    mqls.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    leads.company AS company,
    leads.hot AS hot,
    mqls.entered_at AS entered_at,
    mqls.cycle AS cycle,
    if(mqls.is_mature, mqls.became, '') AS became,
    leads.stage AS stage,
    mqls.owner AS owner,
    mqls.channel AS channel,
    mqls.region AS region,
    mqls.score AS score,
    leads.last_event_at AS last_event_at
FROM
(
    SELECT *
    FROM judged
    WHERE @segments
        AND multiIf(
            $__conditionalAll('entered' IN (${when:singlequote}), $when), $__dateFilter(toDate(entered_at)),
            $__conditionalAll('matured' IN (${when:singlequote}), $when),
                is_mature AND $__dateFilter(toDate(toDate(entered_at) + toIntervalSecond(mql_matures))),
            $__dateFilter(toDate(toDate(entered_at) + toIntervalSecond(customer_within))))
        AND $__conditionalAll(became IN (${fate:singlequote}), $fate)
        AND $__conditionalAll(hasAll(traits, [${trait:singlequote}]), $trait)
) AS mqls
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = mqls.lead_id
ORDER BY entered_at DESC, lead_id, cycle
