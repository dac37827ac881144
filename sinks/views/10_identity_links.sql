-- `in_force` is what was said of the pair; it is `effective` if neither end is cut (a hub, blocked) nor oversize.
-- The events are `cause` in boards.lead_events.
CREATE OR REPLACE VIEW boards.identity_links DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    cut AS
    (
        SELECT identifier FROM facts.identities FINAL
        WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1) AND why != ''
    )
SELECT
    a, b, first_at, merged_at, unmerged_at, in_force,
    toUInt8(in_force AND a NOT IN (SELECT identifier FROM cut) AND b NOT IN (SELECT identifier FROM cut)) AS effective,
    first_event, merge_event, unmerge_event, definition_version
FROM facts.identity_links FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
