SELECT region AS value FROM boards.leads GROUP BY region ORDER BY value
