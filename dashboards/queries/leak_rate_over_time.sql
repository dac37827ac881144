SELECT
    $__timeInterval(due_at) AS time,
    kind,
    count() AS due,
    countIf(state IN ('leaking', 'recovered', 'lost')) AS leaked,
    if(due >= 30, leaked / due, NULL) AS rate,
    toString(toUnixTimestamp(time)) AS bucket
FROM boards.obligations
WHERE $__timeFilter(due_at) AND state IN ('leaking', 'recovered', 'lost', 'met') AND @segments
    AND kind IN (SELECT kind FROM boards.measured WHERE measured)
GROUP BY time, kind
ORDER BY sum(leaked) OVER (PARTITION BY kind) DESC, kind, time
