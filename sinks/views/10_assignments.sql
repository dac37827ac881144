-- Each time that a person got a lead. handover: the first time in a cycle that it was given to sales by others.
CREATE OR REPLACE VIEW boards.assignments DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    lead_id, cycle, assigned_at, owner, before, how, handover, until, stage, ready, score, hot,
    cycle_began_at, inbound_at, touched_at, office_s, day_due_at, decided_at, decided,
    channel, origin, size_band, industry, region, cause, source, event_id, lead_then, definition_version
FROM facts.assignments FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
