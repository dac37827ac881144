SELECT lead_id, argMin(campaign, (occurred_at, cause)) AS first_campaign
FROM boards.touches
WHERE direction = 'inbound' AND campaign != ''
GROUP BY lead_id
