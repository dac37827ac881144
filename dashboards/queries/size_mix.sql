WITH
    (SELECT origin_kinds FROM boards.constants) AS kinds,
    each AS
    (
        SELECT
            toString(size_band) AS size_band,
            multiIf(
                kinds[toString(origin)] IN ('inbound', 'outbound'), kinds[toString(origin)],
                kinds[toString(origin)] IN ('referral', 'partner'), 'referred',
                'unknown'
            ) AS came,
            lead_id IN
            (
                SELECT lead_id FROM boards.stage_entries
                WHERE stage = 'customer' AND NOT regressed AND entered_at <= funnel_now()
            ) AS is_customer
        FROM boards.leads
        WHERE $__timeFilter(began_at) AND @segments
    )
SELECT
    size_band,
    countIf(came = 'inbound') AS inbound, sum(inbound) OVER () AS all_inbound,
    if(all_inbound >= 30, inbound / all_inbound, NULL) AS inbound_rate,
    countIf(came = 'inbound' AND is_customer) AS inbound_customers,
    countIf(came = 'outbound') AS outbound, sum(outbound) OVER () AS all_outbound,
    if(all_outbound >= 30, outbound / all_outbound, NULL) AS outbound_rate,
    countIf(came = 'outbound' AND is_customer) AS outbound_customers,
    countIf(came = 'referred') AS referred, sum(referred) OVER () AS all_referred,
    if(all_referred >= 30, referred / all_referred, NULL) AS referred_rate,
    countIf(came = 'referred' AND is_customer) AS referred_customers,
    countIf(came = 'unknown') AS untold,
    countIf(came = 'unknown' AND is_customer) AS untold_customers
FROM each
GROUP BY size_band
ORDER BY size_band = '', count() DESC, size_band
