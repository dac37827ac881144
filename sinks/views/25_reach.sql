-- How far each lead had come on the line by `at`, over all cycles: first and highest rank (1 inquiry … 6 customer), the
-- last cycle and time that it was an opportunity or more, and a customer (0 and 1970 if never). Regressed do not count.
CREATE OR REPLACE VIEW boards.reach_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    r.lead_id AS lead_id,
    argMin(r.rank, (r.entered_at, r.rank)) AS first_rank,
    max(r.rank) AS last_rank,
    maxIf(r.cycle, r.rank >= 5) AS opportunity_cycle,
    maxIf(r.cycle, r.rank = 6) AS customer_cycle,
    maxIf(r.entered_at, r.rank = 2) AS last_mql_at,
    maxIf(r.entered_at, r.rank >= 5) AS last_opportunity_at,
    maxIf(r.entered_at, r.rank = 6) AS last_customer_at,
    groupArrayIf(r.entered_at, r.rank = 6) AS customer_at
FROM
(
    SELECT
        lead_id, cycle, entered_at,
        indexOf(['inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer'], toString(stage)) AS rank
    FROM boards.stage_entries
    WHERE NOT regressed AND rank > 0 AND entered_at <= {at:DateTime64(6, 'UTC')}
) AS r
GROUP BY r.lead_id;
