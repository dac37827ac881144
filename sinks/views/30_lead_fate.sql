-- What became of each MQL (a lead in a cycle) that had `mql_matures` of time: got to SAL or beyond, else the first way
-- it left the line, else open (something happened within `vanished_after`) or vanished. Sum n over any rows.
-- Left out: MQLs younger than that. A rejection bears the reason that is known now.
CREATE OR REPLACE VIEW boards.lead_fate_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    {at:DateTime64(6, 'UTC')} AS t,
    assumeNotNull((SELECT mql_matures FROM boards.constants)) AS mql_matures,
    assumeNotNull((SELECT vanished_after FROM boards.constants)) AS vanished_after
SELECT
    t AS as_of,
    toDate(u.entered_at) AS day,
    u.channel AS channel, u.origin AS origin, u.size_band AS size_band, u.industry AS industry, u.region AS region,
    u.owner AS owner,
    multiIf(
        u.reached >= 3, 'advanced',
        u.left_for = 'rejected', 'rejected',
        u.left_for = 'nurture', 'nurtured',
        u.left_for = 'lost', 'lost',
        u.lead_id IN
        (
            SELECT lead_id FROM boards.lead_events
            WHERE occurred_at > t - toIntervalSecond(vanished_after) AND occurred_at <= t
        ), 'open',
        'vanished'
    ) AS fate,
    multiIf(
        fate != 'rejected', '',
        u.reason_class != '', u.reason_class,
        u.reason != '', u.reason,
        'none given'
    ) AS reason,
    count() AS n
FROM boards.mql_units_as_of(at = {at:DateTime64(6, 'UTC')}) AS u
WHERE u.entered_at <= t - toIntervalSecond(mql_matures)
GROUP BY day, channel, origin, size_band, industry, region, owner, fate, reason;

CREATE OR REPLACE VIEW boards.lead_fate DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.lead_fate_as_of(at = funnel_now());
