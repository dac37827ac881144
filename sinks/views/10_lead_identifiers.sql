-- What a lead is known as: identifiers that brought events, and those that only link (a CRM record's address).
CREATE OR REPLACE VIEW boards.lead_identifiers DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    lead_id, identifier, kind, record_id, assumeNotNull(min(since)) AS first_seen, max(events) AS has_events
FROM
(
    SELECT lead_id, identifier, kind, record_id, toNullable(first_seen) AS since, 1 AS events
    FROM facts.lead_identifiers FINAL
    WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1)
    UNION ALL
    SELECT lead_id, identifier, kind, record_id, linked_at AS since, 0 AS events
    FROM boards.identities
    WHERE linked_at IS NOT NULL
        AND lead_id IN
        (
            SELECT lead_id FROM facts.leads FINAL
            WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1)
        )
)
GROUP BY lead_id, identifier, kind, record_id;
