-- What the measures are told by the live definition, always one row: the defaults where it says nothing (0) or where no
-- definition is known; then no channel is marketing's. Spans are whole seconds, to be taken from a time.
CREATE OR REPLACE VIEW boards.constants DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH (said, usual) -> if(said = 0, toInt64(usual), toInt64(said)) AS or_usual
SELECT
    or_usual(max(d.mql_matures), 90 * 86400) AS mql_matures,
    or_usual(max(d.vanished_after), 30 * 86400) AS vanished_after,
    or_usual(max(d.customer_within), 365 * 86400) AS customer_within,
    or_usual(max(d.regret_within), 730 * 86400) AS regret_within,
    or_usual(max(d.old_at_handover), 30 * 86400) AS old_at_handover,
    or_usual(max(d.influence_look_back), 730 * 86400) AS influence_look_back,
    or_usual(max(d.small_n), 30) AS small_n,
    or_usual(max(d.committee_size), 21) AS committee_size,
    if(max(d.satisfied_at) = 0, 0.9, max(d.satisfied_at)) AS satisfied_at,
    max(d.calendar) AS calendar,
    any(d.marketing_channels) AS marketing_channels,
    any(d.origin_kinds) AS origin_kinds,
    any(d.generated_by) AS generated_by
FROM boards.definition AS d;
