CREATE OR REPLACE VIEW boards.lead_identifiers DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    lead_id, identifier, kind, record_id, first_seen
FROM facts.lead_identifiers FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
