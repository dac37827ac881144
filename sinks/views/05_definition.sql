-- STUB, to be replaced: the registry of definitions brings these two views with the same names and columns.
-- The definition of the live generation (spans in seconds), and what could meet each kind of obligation.
CREATE OR REPLACE VIEW boards.definition DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    '' AS version, 0 AS signed,
    '' AS signed_by_marketing, CAST(NULL, 'Nullable(Date)') AS marketing_date,
    '' AS signed_by_sales, CAST(NULL, 'Nullable(Date)') AS sales_date,
    toUInt32(21) AS committee_size,
    toUInt64(90 * 86400) AS mql_matures,
    toUInt64(30 * 86400) AS vanished_after,
    toUInt64(365 * 86400) AS customer_within,
    toUInt64(730 * 86400) AS regret_within,
    toUInt64(30 * 86400) AS old_at_handover,
    toUInt64(730 * 86400) AS influence_look_back,
    toUInt32(30) AS small_n,
    0.9 AS satisfied_at;

CREATE OR REPLACE VIEW boards.definition_obligations DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    one.1 AS kind, one.2 AS owed_by, toUInt8(one.3) AS rolling,
    splitByWhitespace(one.4) AS meets_moments, splitByWhitespace(one.5) AS meets_stages,
    splitByWhitespace(one.6) AS meets_has
FROM
(
    SELECT arrayJoin([
        ('capture_gap', 'data', 0, '', '', 'live_record'),
        ('unnurtured', 'marketing', 0, '', 'mql nurture rejected', ''),
        ('unqualified_handover', 'marketing', 0, '', 'sal sql opportunity customer', 'sales_ready'),
        ('unrouted', 'operations', 0, '', '', 'person_owner'),
        ('untouched', 'sales', 0, 'sales_touch', 'later', ''),
        ('undecided', 'sales', 0, '', 'sal rejected', ''),
        ('under_attempted', 'sales', 0, 'sales_touch', '', ''),
        ('rejected_without_reason', 'sales', 0, 'reason_given', '', ''),
        ('not_recycled', 'marketing', 0, '', 'nurture', ''),
        ('nurture_lapsed', 'marketing', 1, 'nurture_touch', '', ''),
        ('qualification_stall', 'sales', 0, '', 'sql rejected', ''),
        ('handoff', 'sales', 0, '', 'opportunity', ''),
        ('stalled_deal', 'sales', 0, 'deal_step deal_closed', '', ''),
        ('silent_deal', 'sales', 1, 'heard_from', '', ''),
        ('aged', 'sales', 1, 'any_activity', '', '')
    ]) AS one
);
