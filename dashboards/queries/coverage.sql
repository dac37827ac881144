SELECT
    if(grain = 'account', name, concat('· ', division)) AS place,
    grain, account, if(grain = 'account', NULL, division) AS its_division,
    known, committee_size, share,
    touched, engaged, met, touched_by_marketing, touched_by_sales,
    arrayStringConcat(roles_missing, ', ') AS missing
FROM boards.coverage
WHERE @no_segments
ORDER BY
    max(if(grain = 'account', known, 0)) OVER (PARTITION BY account) DESC, account, grain, division
