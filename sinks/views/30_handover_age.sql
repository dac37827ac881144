-- How old leads were when they were handed over: days from the first response of this cycle, and since the person's own
-- last action; `older` than `old_at_handover`, as a share of those with a start. Hand-overs without a known start count
-- in n alone.
CREATE OR REPLACE VIEW boards.handover_age_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    {at:DateTime64(6, 'UTC')} AS t,
    assumeNotNull((SELECT old_at_handover FROM boards.constants)) AS old_at_handover,
    assumeNotNull((SELECT small_n FROM boards.constants)) AS small_n
SELECT
    t AS as_of,
    h.n AS n,
    if(h.with_start > 0, h.days[1], NULL) AS median_days,
    if(h.with_start > 0, h.days[2], NULL) AS p90_days,
    h.with_start AS with_start,
    if(h.with_inbound > 0, h.inbound_days, NULL) AS median_inbound_days,
    h.older AS older,
    if(h.with_start >= small_n, h.older / h.with_start, NULL) AS older_share
FROM
(
    WITH
        toUnixTimestamp64Micro(a.assigned_at) AS assigned,
        (assigned - toUnixTimestamp64Micro(a.cycle_began_at)) / 86400e6 AS age,
        (assigned - toUnixTimestamp64Micro(a.inbound_at)) / 86400e6 AS since_inbound
    SELECT
        count() AS n,
        countIf(age IS NOT NULL) AS with_start,
        countIf(since_inbound IS NOT NULL) AS with_inbound,
        quantilesExactIf(0.5, 0.9)(ifNull(age, 0), age IS NOT NULL) AS days,
        quantileExactIf(0.5)(ifNull(since_inbound, 0), since_inbound IS NOT NULL) AS inbound_days,
        countIf(a.cycle_began_at < a.assigned_at - toIntervalSecond(old_at_handover)) AS older
    FROM boards.assignments AS a
    WHERE a.handover = 1 AND a.assigned_at <= t
        AND toDate(a.assigned_at) >= {since:Date} AND toDate(a.assigned_at) < {until:Date}
) AS h
WHERE h.n > 0;

CREATE OR REPLACE VIEW boards.handover_age DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.handover_age_as_of(at = funnel_now(), since = '1970-01-01', until = '2100-01-01');
