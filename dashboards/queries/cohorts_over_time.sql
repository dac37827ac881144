WITH
    @steps,
    ['mql', 'opportunity', 'customer'] AS shown,
    entries AS
    (
        SELECT lead_id, stage, min(entered_at) AS at
        FROM boards.stage_entries
        WHERE has(shown, stage) AND NOT regressed
        GROUP BY lead_id, stage
    ),
    usual AS
    (
        SELECT stage, quantile(0.9)(greatest(0, dateDiff('second', leads.began_at, entries.at))) AS seconds
        FROM entries
        INNER JOIN boards.leads AS leads ON leads.lead_id = entries.lead_id
        GROUP BY stage
    ),
    cohort AS
    (
        SELECT lead_id, began_at, arrayJoin(shown) AS step
        FROM boards.leads
        WHERE $__timeFilter(began_at) AND @segments
    )
SELECT
    $__timeInterval(cohort.began_at) AS time,
    cohort.step AS stage,
    count() AS leads,
    countIf(reached.first <= indexOf(steps, cohort.step) AND reached.furthest >= indexOf(steps, cohort.step)) AS reached,
    if(leads >= 30, reached / leads, NULL) AS rate,
    max(dateDiff('second', cohort.began_at, funnel_now()) < usual.seconds) AS young,
    toString(toUnixTimestamp(time)) AS bucket
FROM cohort
LEFT JOIN (@reached) AS reached ON reached.lead_id = cohort.lead_id
LEFT JOIN usual ON usual.stage = cohort.step
GROUP BY time, stage
ORDER BY indexOf(shown, stage), time
