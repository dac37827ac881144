SELECT occurred_at, recorded_at, type, summary, source, event_id
FROM boards.lead_events
WHERE lead_id IN (${lead:singlequote})
ORDER BY occurred_at DESC, recorded_at DESC, cause
