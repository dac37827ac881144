CREATE OR REPLACE VIEW boards.identity_links DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    a, b, first_at, merged_at, unmerged_at, in_force, source, event_id, definition_version
FROM facts.identity_links FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
