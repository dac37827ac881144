-- A deal once: that of the person whose it is, else (lead_id '') that of its account.
CREATE OR REPLACE VIEW boards.deals DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    lead_id, deal_id, account, stage, status, kind, amount, currency, created_at, closed_at,
    reason, reason_class, competitor, owner, before_first_contact, days_to_close, channel, origin,
    account_by, contacts, claimed_by_sales, claimed_by_marketing, lead_then, cause, closed_by, definition_version
FROM facts.deals FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1)
    AND
    (
        lead_id != ''
        OR deal_id NOT IN
        (
            SELECT deal_id FROM facts.deals FINAL
            WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1) AND lead_id != ''
        )
    );
