-- What the measures take from the live definition, always one row: the usual numbers where none is registered, or it is
-- older than they are; then no channel is marketing's. Spans in seconds.
CREATE OR REPLACE VIEW boards.measure_settings DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    ifNull(nullIf(max(d.small_n), 0), 30) AS small_n,
    ifNull(nullIf(max(d.satisfied_at), 0), 0.9) AS satisfied_at,
    ifNull(nullIf(max(d.committee_size), 0), 21) AS committee_size,
    toInt64(ifNull(nullIf(max(d.influence_look_back), 0), 730 * 86400)) AS influence_look_back,
    toInt64(ifNull(nullIf(max(d.customer_within), 0), 365 * 86400)) AS customer_within,
    max(d.calendar) AS calendar,
    any(d.marketing_channels) AS marketing_channels,
    any(d.origin_kinds) AS origin_kinds,
    any(d.generated_by) AS generated_by
FROM boards.definition AS d;
