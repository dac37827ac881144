CREATE OR REPLACE VIEW boards.activities DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    lead_id, occurred_at, recorded_at, kind, direction, human, outcome, actor, actor_role, counts_from,
    source, event_id, cause, lead_then, definition_version
FROM facts.activities FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
