SELECT
    kind,
    any(owed_by) AS owed_by,
    countIf(state = 'open') AS open,
    countIf(state = 'warned') AS warned,
    countIf(state = 'leaking') AS leaking,
    countIf(state = 'met' AND $__timeFilter(met_at)) AS met,
    countIf(state = 'recovered' AND $__timeFilter(met_at)) AS recovered,
    countIf(state = 'lost' AND $__timeFilter(ended_at)) AS lost,
    countIf(state = 'voided' AND $__timeFilter(ended_at)) AS voided
FROM boards.obligations
WHERE @segments
GROUP BY kind
ORDER BY leaking DESC, warned DESC, open DESC, kind
