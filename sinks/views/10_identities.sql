-- Who belongs to which lead, of those that were ever linked, blocked or unblocked. `why`: alone although it has links.
CREATE OR REPLACE VIEW boards.identities DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    identifier, lead_id,
    splitByChar(':', identifier)[1] AS kind,
    if(kind = 'email', '', substring(identifier, length(kind) + 2)) AS record_id,
    why, linked_at, definition_version
FROM facts.identities FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
