WITH
    @steps,
    visited AS (SELECT lead_id FROM boards.stage_entries WHERE stage = 'visitor' AND NOT regressed AND NOT skipped),
    reached AS
    (
        SELECT lead_id, first, furthest, lead_id IN visited AS had_visited
        FROM (SELECT lead_id FROM boards.leads WHERE $__timeFilter(began_at) AND @segments) AS cohort
        INNER JOIN (@reached) AS reached USING (lead_id)
    ),
    (SELECT count() FROM boards.visitors WHERE $__timeFilter(first_seen) AND @visitor_segments) AS visitors
SELECT
    if(step = 0, 'visitor', steps[step]) AS stage,
    if(step = 0, visitors, countIf(first <= step AND furthest >= step AND first > 0)) AS entered,
    multiIf(step = 0, 0, step = 1, entered - went_on, countIf(first = step)) AS joined_here,
    multiIf(step = 0, 0, step = 1, if(went_on <= visitors, visitors, 0), countIf(first < step AND furthest >= step - 1 AND first > 0)) AS before,
    if(step = 1, countIf(first = 1 AND had_visited), countIf(first < step AND furthest >= step AND first > 0)) AS went_on,
    if(before >= 30, went_on / before, NULL) AS rate
FROM (SELECT arrayJoin(range(0, 7)) AS step) AS numbered
LEFT JOIN reached ON 1 = 1
GROUP BY step
ORDER BY step
