-- STUB of closed_loop_as_of, to be deleted once 30_closed_loop.sql has it.
CREATE OR REPLACE VIEW boards.closed_loop_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1) AS live,
    lead_stages AS
    (
        SELECT
            lead_id,
            indexOf(['inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer'], stage) AS rank,
            entered_at
        FROM facts.stage_entries FINAL
        WHERE generation = live AND NOT regressed AND rank > 0 AND entered_at <= {at:DateTime64(6, 'UTC')}
    ),
    reached AS
    (
        SELECT lead_id, argMin(rank, (entered_at, rank)) AS first_rank, max(rank) AS last_rank
        FROM lead_stages
        GROUP BY lead_id
    ),
    won AS
    (
        SELECT lead_id, sum(amount) AS revenue, groupUniqArray(toString(currency)) AS currencies
        FROM facts.deals FINAL
        WHERE generation = live AND status = 'won' AND kind = 'new_business' AND lead_id != ''
            AND closed_at <= {at:DateTime64(6, 'UTC')}
        GROUP BY lead_id
    ),
    units AS
    (
        SELECT
            toDate(l.began_at) AS day, l.channel AS channel, l.origin AS origin, l.size_band AS size_band,
            l.industry AS industry, l.region AS region, r.first_rank AS first_rank, r.last_rank AS last_rank,
            0 AS is_visitor, w.revenue AS revenue, w.currencies AS currencies
        FROM (SELECT * FROM facts.leads FINAL WHERE generation = live AND began_at <= {at:DateTime64(6, 'UTC')}) AS l
        LEFT JOIN reached AS r ON r.lead_id = l.lead_id
        LEFT JOIN won AS w ON w.lead_id = l.lead_id
        UNION ALL
        SELECT toDate(first_seen), channel, '', '', '', '', 0, 0, 1, 0., []
        FROM boards.visitors WHERE first_seen <= {at:DateTime64(6, 'UTC')}
    )
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    u.day AS day,
    toStartOfMonth(u.day) AS month,
    u.channel AS channel, u.origin AS origin, u.size_band AS size_band, u.industry AS industry, u.region AS region,
    ['', 'inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer'][u.first_rank + 1] AS first_stage,
    countIf(u.is_visitor = 1) AS visitors,
    countIf(u.is_visitor = 0) AS leads,
    countIf(u.first_rank <= 1 AND u.last_rank >= 1) AS inquiries,
    countIf(u.first_rank <= 2 AND u.last_rank >= 2) AS mql,
    countIf(u.first_rank <= 3 AND u.last_rank >= 3) AS sal,
    countIf(u.first_rank <= 4 AND u.last_rank >= 4) AS sql,
    countIf(u.first_rank <= 5 AND u.last_rank >= 5) AS opportunities,
    countIf(u.last_rank >= 6) AS customers,
    sum(u.revenue) AS revenue,
    arrayStringConcat(arraySort(groupUniqArrayArray(u.currencies)), ',') AS currencies
FROM units AS u
GROUP BY day, month, channel, origin, size_band, industry, region, first_stage;
