SELECT kind, record_id, identifier, first_seen
FROM boards.lead_identifiers
WHERE lead_id IN (${lead:singlequote})
ORDER BY first_seen, identifier
