-- Whether a rep calls the hot ones and leaves the rest: share touched within one business day of the hot band − of the
-- rest (gap), score frozen at assignment; beside it the load, and how much of that was never touched. Of leads that met
-- the definition and whose day is over, or that were touched in it; no shares below `small_n` in either band.
CREATE OR REPLACE VIEW boards.cherry_picking_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    {at:DateTime64(6, 'UTC')} AS t,
    assumeNotNull((SELECT small_n FROM boards.constants)) AS small_n
SELECT
    t AS as_of,
    c.owner AS owner,
    c.hot_n AS hot_n, c.hot_touched AS hot_touched, c.rest_n AS rest_n, c.rest_touched AS rest_touched,
    if(c.hot_n >= small_n AND c.rest_n >= small_n, c.hot_touched / c.hot_n, NULL) AS hot_share,
    if(c.hot_n >= small_n AND c.rest_n >= small_n, c.rest_touched / c.rest_n, NULL) AS rest_share,
    hot_share - rest_share AS gap,
    c.load AS load, c.never AS never,
    if(c.load >= small_n, c.never / c.load, NULL) AS never_share
FROM
(
    WITH
        ifNull(a.touched_at <= a.day_due_at AND a.touched_at <= t, 0) AS in_time,
        a.ready = 1 AND (in_time OR a.day_due_at <= t) AS settled
    SELECT
        a.owner AS owner,
        countIf(settled AND a.hot = 1) AS hot_n,
        countIf(settled AND a.hot = 1 AND in_time) AS hot_touched,
        countIf(settled AND a.hot = 0) AS rest_n,
        countIf(settled AND a.hot = 0 AND in_time) AS rest_touched,
        count() AS load,
        countIf(NOT ifNull(a.touched_at <= t, 0)) AS never
    FROM boards.assignments AS a
    WHERE a.assigned_at <= t
        AND toDate(a.assigned_at) >= {since:Date} AND toDate(a.assigned_at) < {until:Date}
    GROUP BY a.owner
) AS c;

CREATE OR REPLACE VIEW boards.cherry_picking DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.cherry_picking_as_of(at = funnel_now(), since = '1970-01-01', until = '2100-01-01');
