SELECT scope, name, as_of, lag, age_s, funnel_now() AS now
FROM boards.data_as_of
WHERE scope = 'all'
