-- What came of nurture, by entry: MQL again, customer, left; lapsed = while it was there, marketing once let the time
-- between two touches run out. Shares = sums / nurtured. A lead that is nurtured twice counts twice, in its cycles.
CREATE OR REPLACE VIEW boards.recycling_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    {at:DateTime64(6, 'UTC')} AS t,
    lapses AS
    (
        SELECT o.lead_id AS lead_id, groupArray(o.opened_at) AS opened
        FROM boards.obligations_as_of(at = {at:DateTime64(6, 'UTC')}) AS o
        WHERE o.kind = 'nurture_lapsed' AND o.state IN ('leaking', 'recovered', 'lost')
        GROUP BY o.lead_id
    )
SELECT
    t AS as_of,
    toDate(e.entered_at) AS day,
    toString(e.channel) AS channel, toString(e.origin) AS origin, toString(e.size_band) AS size_band,
    toString(e.industry) AS industry, toString(e.region) AS region, e.cycle AS cycle,
    count() AS nurtured,
    countIf(r.last_mql_at > e.entered_at) AS mql_again,
    countIf(r.last_customer_at > e.entered_at) AS customers,
    countIf(arrayExists(
        x -> x >= e.entered_at AND NOT ifNull(e.left_at <= t AND x >= e.left_at, 0), l.opened
    )) AS lapsed,
    countIf(e.left_at <= t) AS left
FROM boards.stage_entries AS e
LEFT JOIN boards.reach_as_of(at = {at:DateTime64(6, 'UTC')}) AS r ON r.lead_id = e.lead_id
LEFT JOIN lapses AS l ON l.lead_id = e.lead_id
WHERE e.stage = 'nurture' AND NOT e.regressed AND e.entered_at <= t
GROUP BY day, channel, origin, size_band, industry, region, cycle;

CREATE OR REPLACE VIEW boards.recycling DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.recycling_as_of(at = funnel_now());
