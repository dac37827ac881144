SELECT owner AS value FROM boards.leads GROUP BY owner
UNION DISTINCT
SELECT owner AS value FROM boards.obligations GROUP BY owner
ORDER BY value
