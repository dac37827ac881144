WITH (SELECT origin_kinds FROM boards.constants) AS kinds
SELECT
    d.origin AS origin,
    if(kinds[origin] = '', 'unknown', kinds[origin]) AS origin_kind,
    count() AS deals,
    countIf(d.status = 'won') AS won,
    won + countIf(d.status = 'lost') AS decided,
    if(decided < 30, NULL, won / decided) AS rate,
    avgIf(d.amount_reporting, d.status = 'won') AS amount,
    countIf(d.amount_reporting IS NOT NULL AND d.status = 'won') AS priced,
    quantileExactIf(0.5)(d.days_to_close, d.status = 'won') AS days,
    (SELECT ifNull(currency, '') FROM boards.reporting_currency) AS currency
FROM boards.deal_origins_as_of(at = funnel_now()) AS d
WHERE d.kind = 'new_business' AND $__timeFilter(d.created_at)
    AND d.deal_id IN (SELECT deal_id FROM boards.deals WHERE @deal_segments)
GROUP BY origin
ORDER BY deals DESC, origin
