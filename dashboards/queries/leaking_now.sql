SELECT
    uniqExact(lead_id) AS leads,
    count() AS obligations,
    max(dateDiff('second', due_at, funnel_now())) / 60 AS oldest
FROM boards.obligations
WHERE state = 'leaking' AND @segments
