SELECT
    count() AS accounts,
    countIf(known = 0) AS nobody,
    countIf(boards.coverage.met > 0) AS met_somebody,
    sum(known) AS people,
    sum(committee_size) AS committee,
    if(committee >= 30, people / committee, NULL) AS rate,
    sum(boards.coverage.touched) AS touched_people,
    sum(boards.coverage.engaged) AS engaged_people,
    sum(boards.coverage.met) AS met_people,
    countIf(notEmpty(roles_missing)) AS with_gaps
FROM boards.coverage
WHERE grain = 'account' AND @no_segments
HAVING accounts > 0
