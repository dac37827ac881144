SELECT
    cycle,
    sum(each.nurtured) AS in_nurture,
    sum(each.left) AS left_it, if(in_nurture >= 30, left_it / in_nurture, NULL) AS left_rate,
    sum(each.mql_again) AS again, if(in_nurture >= 30, again / in_nurture, NULL) AS again_rate,
    sum(each.customers) AS buyers, if(in_nurture >= 30, buyers / in_nurture, NULL) AS buyer_rate,
    sum(each.lapsed) AS quiet, if(in_nurture >= 30, quiet / in_nurture, NULL) AS quiet_rate
FROM (SELECT * FROM boards.recycling WHERE $__dateFilter(day) AND @segments_but_owner) AS each
GROUP BY cycle
ORDER BY cycle
