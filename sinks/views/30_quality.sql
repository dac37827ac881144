-- What MQLs were worth: accepted / decided, accepted / handed_over, opportunities / mql, customers / mql, and precision
-- of "sales ready" = ready_customers / ready_mature (those whose `customer_within` is over), each from sums.
-- Once per lead and cycle, by its first MQL entry. `young` ones (younger than `mql_matures`) still can change.
CREATE OR REPLACE VIEW boards.quality_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    {at:DateTime64(6, 'UTC')} AS t,
    assumeNotNull((SELECT mql_matures FROM boards.constants)) AS mql_matures,
    assumeNotNull((SELECT customer_within FROM boards.constants)) AS customer_within,
    units AS
    (
        SELECT
            m.*,
            (m.lead_id, m.cycle) IN
            (
                SELECT lead_id, greatest(cycle, toUInt16(1)) FROM boards.assignments WHERE assigned_at <= t
            ) AS was_given,
            m.reached >= 3 AS was_accepted,
            m.cycle <= ifNull(r.opportunity_cycle, 0) AS has_opportunity,
            m.cycle <= ifNull(r.customer_cycle, 0) AS is_customer,
            m.ready AND m.entered_at <= t - toIntervalSecond(customer_within) AS is_mature,
            arrayExists(
                x -> x >= m.entered_at AND x <= m.entered_at + toIntervalSecond(customer_within), r.customer_at
            ) AS bought
        FROM boards.mql_units_as_of(at = {at:DateTime64(6, 'UTC')}) AS m
        LEFT JOIN boards.reach_as_of(at = {at:DateTime64(6, 'UTC')}) AS r ON r.lead_id = m.lead_id
    )
SELECT
    t AS as_of,
    toDate(u.entered_at) AS day,
    u.channel AS channel, u.origin AS origin, u.size_band AS size_band, u.industry AS industry, u.region AS region,
    u.owner AS owner,
    count() AS mql,
    countIf(u.was_given) AS handed_over,
    countIf(u.was_accepted) AS accepted,
    countIf(u.was_accepted OR u.rejected = 1) AS decided,
    countIf(u.has_opportunity) AS opportunities,
    countIf(u.is_customer) AS customers,
    countIf(u.ready = 1) AS ready,
    countIf(u.is_mature) AS ready_mature,
    countIf(u.is_mature AND u.bought) AS ready_customers,
    countIf(u.entered_at > t - toIntervalSecond(mql_matures)) AS young
FROM units AS u
GROUP BY day, channel, origin, size_band, industry, region, owner;

CREATE OR REPLACE VIEW boards.quality DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.quality_as_of(at = funnel_now());
