SELECT stage, cycle, entered_at, left_at, next, skipped, regressed, owner, score
FROM boards.stage_entries
WHERE lead_id IN (${lead:singlequote})
ORDER BY entered_at, indexOf(['visitor', 'inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer'], stage)
