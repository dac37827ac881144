-- One row per session of a device, to be told from the events of leads by `cause`. As on one device several people may
-- turn out to be one, a `shared` visit is somebody's all the same if its cause is among boards.lead_events.
CREATE OR REPLACE VIEW boards.visits DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    device AS anonymous_id, session_id, started_at, ended_at, pages, channel, country, landing, ownership, cause,
    definition_version
FROM facts.visits FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
