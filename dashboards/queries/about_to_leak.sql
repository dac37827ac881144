SELECT
    uniqExact(lead_id) AS leads,
    count() AS obligations,
    min(dateDiff('second', funnel_now(), due_at)) / 60 AS next
FROM boards.obligations
WHERE state = 'warned' AND @segments
