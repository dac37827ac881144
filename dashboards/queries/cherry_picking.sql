SELECT
    owner,
    count() AS given,
    countIf(has(traits, 'never')) AS never,
    if(given >= 30, never / given, NULL) AS never_rate,
    countIf(has(traits, 'hot')) AS hot_n,
    countIf(hasAll(traits, ['hot', 'in_time'])) AS hot_touched,
    countIf(has(traits, 'rest')) AS rest_n,
    countIf(hasAll(traits, ['rest', 'in_time'])) AS rest_touched,
    hot_n >= 30 AND rest_n >= 30 AS is_enough,
    if(is_enough, hot_touched / hot_n, NULL) AS hot_rate,
    if(is_enough, rest_touched / rest_n, NULL) AS rest_rate,
    hot_rate - rest_rate AS gap
FROM
(
    @given
) AS given
WHERE $__dateFilter(toDate(assigned_at)) AND @segments
GROUP BY owner
ORDER BY given DESC, owner
