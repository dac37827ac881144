SELECT
    if(given >= 30, met / given, NULL) AS rate,
    sum(ready) AS met,
    sum(handovers) AS given
FROM boards.handover_quality
WHERE $__dateFilter(day) AND @segments
HAVING given > 0
