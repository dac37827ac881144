WITH measurable AS (SELECT kind FROM boards.measured WHERE measured)
SELECT
    kind,
    kind IN measurable AS measured,
    any(owed_by) AS owed_by,
    countIf(state = 'open') AS open,
    countIf(state = 'warned') AS warned,
    countIf(state = 'leaking') AS leaking,
    if(measured, countIf(state = 'met' AND $__timeFilter(met_at)), NULL) AS met,
    if(measured, countIf(state = 'recovered' AND $__timeFilter(met_at)), NULL) AS recovered,
    countIf(state = 'lost' AND $__timeFilter(ended_at)) AS lost,
    countIf(state = 'voided' AND $__timeFilter(ended_at)) AS voided
FROM boards.obligations
WHERE @segments
GROUP BY kind
ORDER BY leaking DESC, warned DESC, open DESC, kind
