WITH assumeNotNull((SELECT mql_matures FROM boards.constants)) AS mql_matures
SELECT
    if(boards.who_was_right.ready = 1, 'yes', 'no') AS met,
    if(met = 'yes', 'met', 'not_met') AS definition,
    decision,
    sum(n) AS given,
    sumIf(n, day > toDate(funnel_now() - toIntervalSecond(mql_matures))) AS young,
    sum(boards.who_was_right.opportunities) AS deals,
    if(given >= 30, deals / given, NULL) AS deal_rate,
    sum(boards.who_was_right.won) AS customers,
    if(given >= 30, customers / given, NULL) AS rate
FROM boards.who_was_right
WHERE $__dateFilter(day) AND @segments
GROUP BY met, decision
ORDER BY met DESC, indexOf(['accepted', 'rejected', 'recycled', 'lost', 'none'], decision), decision
