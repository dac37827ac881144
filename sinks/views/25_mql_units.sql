-- A lead's first MQL entry in each cycle, and what became of it in that cycle by `at`. `reached`: the highest stage of
-- the line (1 inquiry … 6 customer); `left_for`: the first stage aside at or after the entry, '' if none.
CREATE OR REPLACE VIEW boards.mql_units_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    u.lead_id AS lead_id, u.cycle AS cycle, u.first.1 AS entered_at, u.first.3 AS owner,
    u.first.4 AS channel, u.first.5 AS origin, u.first.6 AS size_band, u.first.7 AS industry, u.first.8 AS region,
    u.first.9 AS ready, u.first.10 AS hot, u.first.11 AS score,
    u.reached AS reached,
    u.leaving.3 AS left_for, u.leaving.4 AS reason, u.leaving.5 AS reason_class,
    u.rejected AS rejected
FROM
(
    SELECT
        e.lead_id AS lead_id, e.cycle AS cycle,
        minIf(
            (
                e.entered_at, e.cause, e.owner, toString(e.channel), toString(e.origin), toString(e.size_band),
                toString(e.industry), toString(e.region), e.ready, e.hot, e.score
            ),
            e.stage = 'mql'
        ) AS first,
        max(indexOf(['inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer'], toString(e.stage))) AS reached,
        groupArrayIf(
            (
                e.entered_at, indexOf(['nurture', 'rejected', 'lost'], toString(e.stage)), toString(e.stage),
                e.reason, toString(e.reason_class)
            ),
            e.stage IN ('nurture', 'rejected', 'lost')
        ) AS leavings,
        arrayFirst(x -> x.1 >= first.1, arraySort(leavings)) AS leaving,
        toUInt8(countIf(e.stage = 'rejected') > 0) AS rejected
    FROM boards.stage_entries AS e
    WHERE NOT e.regressed AND e.entered_at <= {at:DateTime64(6, 'UTC')}
    GROUP BY e.lead_id, e.cycle
    HAVING countIf(e.stage = 'mql') > 0
) AS u;
