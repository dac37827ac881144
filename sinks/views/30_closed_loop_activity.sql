-- What happened on each day (UTC), whoever began when: devices first seen, leads that entered just that stage, won new
-- business (of accounts alone as well) by the day it closed. Segments are those at entry; a lead that enters a stage
-- twice on a day counts once, in each of its segments. Nothing is imputed; visitors have no segments but their channel.
CREATE OR REPLACE VIEW boards.closed_loop_activity_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    {at:DateTime64(6, 'UTC')} AS t,
    happened AS
    (
        SELECT
            toDate(entered_at) AS day, toString(channel) AS channel, toString(origin) AS origin,
            toString(size_band) AS size_band, toString(industry) AS industry, toString(region) AS region,
            toString(stage) AS what, lead_id AS who, 0. AS amount
        FROM boards.stage_entries
        WHERE NOT regressed AND entered_at <= t
            AND stage IN ('inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer')
        UNION ALL
        SELECT toDate(first_seen), toString(channel), '', '', '', '', 'visitor', '', 0.
        FROM boards.visitors
        WHERE first_seen <= t
        UNION ALL
        SELECT
            assumeNotNull(toDate(d.closed_at)), toString(d.channel), toString(d.origin),
            ifNull(toString(l.size_band), ''), ifNull(toString(l.industry), ''), ifNull(toString(l.region), ''),
            'won', '', d.amount
        FROM boards.deals AS d
        LEFT JOIN boards.leads AS l ON l.lead_id = d.lead_id
        WHERE d.status = 'won' AND d.kind = 'new_business' AND d.created_at <= t AND d.closed_at <= t
    )
SELECT
    t AS as_of,
    h.day AS day,
    h.channel AS channel, h.origin AS origin, h.size_band AS size_band, h.industry AS industry, h.region AS region,
    countIf(h.what = 'visitor') AS visitors,
    uniqExactIf(h.who, h.what = 'inquiry') AS inquiries,
    uniqExactIf(h.who, h.what = 'mql') AS mql,
    uniqExactIf(h.who, h.what = 'sal') AS sal,
    uniqExactIf(h.who, h.what = 'sql') AS sql,
    uniqExactIf(h.who, h.what = 'opportunity') AS opportunities,
    uniqExactIf(h.who, h.what = 'customer') AS customers,
    countIf(h.what = 'won') AS won,
    sum(h.amount) AS revenue
FROM happened AS h
GROUP BY day, channel, origin, size_band, industry, region;

CREATE OR REPLACE VIEW boards.closed_loop_activity DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.closed_loop_activity_as_of(at = funnel_now());
