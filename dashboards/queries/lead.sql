SELECT *
FROM boards.lead_details
WHERE lead_id IN (${lead:singlequote})
