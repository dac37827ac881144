WITH assumeNotNull((SELECT mql_matures FROM boards.constants)) AS mql_matures
SELECT
    if(fate = 'rejected', concat('declined: ', reason), fate) AS became,
    sum(n) AS mqls,
    sum(mqls) OVER () AS of_all,
    if(of_all >= 30, mqls / of_all, NULL) AS rate
FROM boards.lead_fate
WHERE $__dateFilter(toDate(day + toIntervalSecond(mql_matures))) AND @segments
GROUP BY became
ORDER BY
    indexOf(['advanced', 'declined', 'nurtured', 'lost', 'open', 'vanished'], splitByChar(':', became)[1]),
    mqls DESC, became
