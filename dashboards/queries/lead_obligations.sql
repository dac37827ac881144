SELECT
    *,
    dateDiff('second', funnel_now(), due_at) / 60 AS left,
    dateDiff('second', due_at, coalesce(met_at, ended_at, funnel_now())) / 60 AS late,
    funnel_now() AS now
FROM boards.obligations
WHERE lead_id IN (${lead:singlequote})
ORDER BY state IN ('leaking', 'warned', 'open') DESC, due_at DESC, kind
