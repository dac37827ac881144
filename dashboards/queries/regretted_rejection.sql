WITH assumeNotNull((SELECT regret_within FROM boards.constants)) AS regret_within
SELECT
    reason_class,
    if(reason_class = '', 'none_given', reason_class) AS reason,
    sumIf(each.rejected, is_new) AS declined,
    sumIf(by_person, is_new) AS person,
    if(declined >= 30, person / declined, NULL) AS person_rate,
    sumIf(by_account, is_new) AS account,
    if(declined >= 30, account / declined, NULL) AS account_rate,
    sumIf(mature, had_time) AS old,
    sumIf(mature_by_person, had_time) AS old_person,
    if(old >= 30, old_person / old, NULL) AS old_person_rate,
    sumIf(mature_by_account, had_time) AS old_account,
    if(old >= 30, old_account / old, NULL) AS old_account_rate
FROM
(
    SELECT
        *,
        $__dateFilter(day) AS is_new,
        $__dateFilter(toDate(day + toIntervalSecond(regret_within))) AS had_time
    FROM boards.regretted_rejection
    WHERE @segments
) AS each
GROUP BY reason_class
HAVING declined + old > 0
ORDER BY declined DESC, reason_class
