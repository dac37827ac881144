WITH measurable AS (SELECT kind FROM boards.measured WHERE measured)
SELECT
    owner,
    countIf(state IN ('open', 'warned', 'leaking')) AS to_do,
    countIf(state = 'warned') AS warned,
    countIf(state = 'leaking') AS leaking,
    countIf(
        NOT rolling AND kind IN measurable AND state IN ('leaking', 'recovered', 'lost', 'met') AND $__timeFilter(due_at)
    ) AS due,
    countIf(
        NOT rolling AND kind IN measurable AND state IN ('leaking', 'recovered', 'lost') AND $__timeFilter(due_at)
    ) AS leaked,
    if(due >= 30, leaked / due, NULL) AS rate
FROM boards.obligations
WHERE owed_by = 'sales' AND @segments
GROUP BY owner
HAVING to_do > 0 OR due > 0
ORDER BY to_do DESC, owner
