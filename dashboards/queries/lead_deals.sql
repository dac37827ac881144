SELECT deal_id, status, stage, kind, amount, currency, owner, created_at, closed_at, days_to_close,
    before_first_contact, reason, competitor
FROM boards.deals
WHERE lead_id IN (${lead:singlequote})
ORDER BY created_at DESC, deal_id
