-- A row per target: leads that entered its stage in its days, and those of them that sales accepted in the same cycle,
-- against as much of the target as its working days up to now are of all; shares are of the target to date. A lead counts
-- once in a period: one that was sent back, and comes again, is not delivered twice. Left out: leads outside of the
-- target's region, industry and origin, as they were at the entry ('' is any).
CREATE OR REPLACE VIEW boards.quantity_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    toDate({at:DateTime64(6, 'UTC')}) AS today,
    (SELECT satisfied_at FROM boards.constants) AS satisfied_at,
    (
        SELECT groupArray(day)
        FROM boards.working_days
        WHERE calendar = (SELECT calendar FROM boards.constants)
    ) AS working_days,
    entered AS
    (
        SELECT
            lead_id, cycle, toDate(entered_at) AS day,
            toString(stage) AS stage, toString(region) AS region, toString(industry) AS industry,
            toString(origin) AS origin,
            indexOf(['inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer'], stage) AS rank
        FROM boards.stage_entries
        WHERE NOT regressed AND entered_at <= {at:DateTime64(6, 'UTC')}
    ),
    deliveries AS
    (
        SELECT
            g.first_day AS first_day, g.last_day AS last_day, g.region AS region, g.industry AS industry,
            g.stage AS stage, g.origin AS origin,
            uniqExact(e.lead_id) AS delivered,
            uniqExactIf(
                e.lead_id, (e.lead_id, e.cycle) IN (SELECT lead_id, cycle FROM entered WHERE rank >= 3)
            ) AS accepted
        FROM (SELECT *, arrayJoin(if(rank > 0, [stage, ''], [stage])) AS counts_as FROM entered) AS e
        INNER JOIN boards.targets AS g ON g.stage = e.counts_as
        WHERE e.day BETWEEN g.first_day AND g.last_day
            AND g.region IN ('', e.region) AND g.industry IN ('', e.industry) AND g.origin IN ('', e.origin)
        GROUP BY first_day, last_day, region, industry, stage, origin
    ),
    targets AS
    (
        SELECT
            *,
            arrayCount(day -> day BETWEEN first_day AND last_day, working_days) AS days,
            arrayCount(day -> day BETWEEN first_day AND least(last_day, today), working_days) AS days_over
        FROM boards.targets
    )
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    g.first_day AS from_day, g.last_day AS to_day,
    g.region AS region, g.industry AS industry, g.stage AS stage, g.origin AS origin,
    g.leads AS target,
    if(g.days = 0, toFloat64(g.leads * (g.first_day <= today)), g.leads * g.days_over / g.days) AS target_to_date,
    d.delivered AS delivered,
    d.accepted AS accepted,
    d.delivered / nullIf(target_to_date, 0) AS share,
    d.accepted / nullIf(target_to_date, 0) AS accepted_share,
    toUInt8(ifNull(share >= satisfied_at, 0)) AS satisfied
FROM targets AS g
LEFT JOIN deliveries AS d
    ON d.first_day = g.first_day AND d.last_day = g.last_day AND d.region = g.region AND d.industry = g.industry
    AND d.stage = g.stage AND d.origin = g.origin;

CREATE OR REPLACE VIEW boards.quantity DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.quantity_as_of(at = funnel_now());
