SELECT
    owner,
    @response_sums
FROM boards.response_leads
WHERE $__dateFilter(toDate(opened_at)) AND @segments
GROUP BY owner
ORDER BY waited DESC, owner
