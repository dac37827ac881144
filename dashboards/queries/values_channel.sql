SELECT channel AS value FROM boards.leads GROUP BY channel
UNION DISTINCT
SELECT channel AS value FROM boards.visitors GROUP BY channel
ORDER BY value
