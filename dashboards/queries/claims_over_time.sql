SELECT
    $__timeInterval(toDateTime(day, 'UTC')) AS time,
    said.1 AS answer,
    sum(n) AS units,
    sum(said.2) AS claimed,
    if(units >= 30, claimed / units, NULL) AS rate,
    toString(toUnixTimestamp(time)) AS bucket
FROM boards.marketing_share
ARRAY JOIN
    [
        ('claimed_by_marketing', claimed_by_marketing), ('claimed_by_sales', claimed_by_sales),
        ('computed', marketing), ('cannot_tell', unknown)
    ] AS said,
    [1, 2, 3, 4] AS place
WHERE of = 'customers' AND $__dateFilter(day) AND @segments_but_owner
GROUP BY time, answer, place
ORDER BY place, time
