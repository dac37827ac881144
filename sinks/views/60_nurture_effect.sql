-- Leads whose first MQL entry lies in the period: those that were nurtured before they became an opportunity beside the
-- others of the same size, region and score band, as they were at that entry. days_median runs from it to the first deal
-- won since. Left out of amount_sum: won deals without a rate; of days_median: leads without such a deal.
CREATE OR REPLACE VIEW boards.nurture_effect_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT small_n FROM boards.constants) AS small_n,
    ways AS
    (
        SELECT
            lead_id,
            minIf(
                (
                    entered_at, cause, toString(size_band), toString(region),
                    multiIf(hot, 'hot', ready, 'ready', 'below')
                ),
                stage = 'mql'
            ) AS mql,
            minIf(toNullable(entered_at), stage IN ('opportunity', 'customer')) AS opportunity_at,
            minIf(toNullable(entered_at), stage = 'nurture') AS nurture_at
        FROM boards.stage_entries
        WHERE NOT regressed AND entered_at <= {at:DateTime64(6, 'UTC')}
        GROUP BY lead_id
        HAVING countIf(stage = 'mql') > 0
    ),
    wins AS
    (
        SELECT lead_id, count() AS deals, sum(ifNull(amount_reporting, 0)) AS amount, groupArray(closed_at) AS closed
        FROM boards.deal_origins_as_of(at = {at:DateTime64(6, 'UTC')})
        WHERE status = 'won' AND kind = 'new_business' AND lead_id != ''
        GROUP BY lead_id
    ),
    units AS
    (
        SELECT
            toUInt8(ifNull(w.nurture_at < w.opportunity_at, w.nurture_at IS NOT NULL)) AS nurtured,
            w.mql.3 AS size_band, w.mql.4 AS region, w.mql.5 AS score_band,
            w.opportunity_at AS opportunity_at,
            ifNull(d.deals, 0) AS deals, ifNull(d.amount, 0) AS amount,
            arraySort(arrayFilter(closed_at -> closed_at >= w.mql.1, d.closed)) AS closed_since,
            if(empty(closed_since), NULL, dateDiff('microsecond', w.mql.1, closed_since[1]) / 86400e6) AS days
        FROM ways AS w
        LEFT JOIN wins AS d ON d.lead_id = w.lead_id
        WHERE toDate(w.mql.1) >= {since:Date} AND toDate(w.mql.1) < {until:Date}
    )
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    u.nurtured AS nurtured, u.size_band AS size_band, u.region AS region, u.score_band AS score_band,
    count() AS leads,
    countIf(u.opportunity_at IS NOT NULL) AS opportunities,
    countIf(u.deals > 0) AS won,
    sum(u.amount) AS amount_sum,
    quantileExact(0.5)(u.days) AS days_median,
    if(leads < small_n, NULL, opportunities / leads) AS opportunity_rate
FROM units AS u
GROUP BY nurtured, size_band, region, score_band;

CREATE OR REPLACE VIEW boards.nurture_effect DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.nurture_effect_as_of(at = funnel_now(), since = '1970-01-01', until = '2100-01-01');
