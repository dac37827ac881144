-- STUB, to be replaced by the view of the registered definition, with these columns and more. Spans are in seconds.
CREATE OR REPLACE VIEW boards.definition DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    '' AS version,
    toUInt8(0) AS signed,
    toUInt64(21) AS committee_size,
    toUInt64(90 * 86400) AS mql_matures,
    toUInt64(30 * 86400) AS vanished_after,
    toUInt64(365 * 86400) AS customer_within,
    toUInt64(730 * 86400) AS regret_within,
    toUInt64(30 * 86400) AS old_at_handover,
    toUInt64(730 * 86400) AS influence_look_back,
    toUInt64(30) AS small_n,
    0.9 AS satisfied_at,
    'central_europe' AS calendar,
    [
        'campaign', 'display', 'email', 'event', 'nurture', 'organic_search', 'paid_search', 'paid_social', 'social',
        'website'
    ] AS marketing_channels,
    map(
        'marketing', 'inbound', 'direct', 'inbound', 'sales', 'outbound', 'referral', 'referral', 'partner', 'partner',
        'unknown', 'unknown'
    ) AS origin_kinds,
    map(
        'marketing', 'marketing', 'direct', 'unknown', 'referral', 'marketing', 'partner', 'marketing',
        'sales', 'sales', 'unknown', 'unknown'
    ) AS generated_by;

CREATE OR REPLACE VIEW boards.working_days DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT 'central_europe' AS calendar, toDate('2015-01-01') + number AS day
FROM numbers(7305)
WHERE toDayOfWeek(day) <= 5 AND formatDateTime(day, '%m-%d') NOT IN ('01-01', '05-01', '10-03', '12-25', '12-26');
