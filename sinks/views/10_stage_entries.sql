CREATE OR REPLACE VIEW boards.stage_entries DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    lead_id, cycle, stage, entered_at, left_at, next, skipped, regressed,
    owner, channel, origin, size_band, industry, region, score, ready, hot, reason, reason_class,
    began_at, cause, source, event_id, lead_then, definition_version
FROM facts.stage_entries FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
