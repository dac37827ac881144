WITH
    assumeNotNull((SELECT customer_within FROM boards.constants)) AS customer_within,
    sums AS
    (
        SELECT
            sumIf(mql, is_new) AS all_mql,
            sumIf(handed_over, is_new) AS given,
            sumIf(accepted, is_new) AS taken,
            sumIf(decided, is_new) AS settled,
            sumIf(opportunities, is_new) AS deals,
            sumIf(customers, is_new) AS buyers,
            sumIf(young, is_new) AS too_young,
            sumIf(ready_mature, had_time) AS were_ready,
            sumIf(ready_customers, had_time) AS were_right
        FROM
        (
            SELECT
                *,
                $__dateFilter(day) AS is_new,
                $__dateFilter(toDate(day + toIntervalSecond(customer_within))) AS had_time
            FROM boards.quality
            WHERE @segments
        )
    )
SELECT
    step.1 AS what,
    step.2 AS hits,
    step.3 AS among,
    if(among >= 30, hits / among, NULL) AS rate,
    step.4 AS trait,
    step.5 AS counted,
    step.6 AS young,
    multiIf(among > 0, '', counted = 'had_time', 'nobody has had the 12 months yet', 'none so far') AS why
FROM sums
ARRAY JOIN
    [
        ('accepted_of_decided', taken, settled, 'accepted', 'entered', 0),
        ('accepted_of_given', taken, given, 'accepted', 'entered', too_young),
        ('opportunity_of_mql', deals, all_mql, 'opportunity', 'entered', too_young),
        ('customer_of_mql', buyers, all_mql, 'customer', 'entered', too_young),
        ('customer_of_ready', were_right, were_ready, 'ready_customer', 'had_time', 0)
    ] AS step
WHERE all_mql + were_ready > 0
