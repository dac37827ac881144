SELECT
    @response_sums
FROM boards.response_leads
WHERE $__dateFilter(toDate(opened_at)) AND @segments
HAVING waited > 0
