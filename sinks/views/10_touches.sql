CREATE OR REPLACE VIEW boards.touches DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    lead_id, occurred_at, kind, channel, campaign, direction, side, source, event_id, cause, lead_then, definition_version
FROM facts.touches FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
