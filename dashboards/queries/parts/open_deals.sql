SELECT lead_id, argMax(currency, amount) AS deal_currency, toNullable(max(amount)) AS deal_amount
FROM boards.deals
WHERE status = 'open' AND lead_id != ''
GROUP BY lead_id
