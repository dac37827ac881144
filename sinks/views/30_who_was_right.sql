-- Hand-overs by whether the definition held, by what their owner decided, and how many came to an opportunity or were
-- won afterwards, be it in a later cycle or by somebody else. Decisions after `at` are none yet.
CREATE OR REPLACE VIEW boards.who_was_right_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH {at:DateTime64(6, 'UTC')} AS t
SELECT
    t AS as_of,
    toDate(a.assigned_at) AS day,
    toString(a.channel) AS channel, toString(a.origin) AS origin, toString(a.size_band) AS size_band,
    toString(a.industry) AS industry, toString(a.region) AS region, a.owner AS owner, a.ready AS ready,
    multiIf(
        NOT ifNull(a.decided_at <= t, 0), 'none',
        a.decided IN ('sal', 'sql', 'opportunity', 'customer'), 'accepted',
        a.decided = 'nurture', 'recycled',
        toString(a.decided)
    ) AS decision,
    count() AS n,
    countIf(r.last_opportunity_at >= a.assigned_at) AS opportunities,
    countIf(r.last_customer_at >= a.assigned_at) AS won
FROM boards.assignments AS a
LEFT JOIN boards.reach_as_of(at = {at:DateTime64(6, 'UTC')}) AS r ON r.lead_id = a.lead_id
WHERE a.handover = 1 AND a.assigned_at <= t
GROUP BY day, channel, origin, size_band, industry, region, owner, ready, decision;

CREATE OR REPLACE VIEW boards.who_was_right DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.who_was_right_as_of(at = funnel_now());
