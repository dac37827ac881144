CREATE OR REPLACE VIEW boards.lead_events DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    lead_id, occurred_at, recorded_at, type, summary, source, event_id, cause, identifier,
    moments, lead_then, definition_version
FROM facts.lead_events FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
