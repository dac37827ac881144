SELECT occurred_at, kind, channel, campaign, direction
FROM boards.touches
WHERE lead_id IN (${lead:singlequote})
ORDER BY occurred_at DESC, cause
