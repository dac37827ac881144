-- The columns of boards.leads are a promise to others; lead_details may grow.
CREATE OR REPLACE VIEW boards.leads DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    lead_id, crm_record_id, stage, cycle, owner, channel, origin, claimed_by_sales, claimed_by_marketing,
    account, size_band, industry, region, score, began_at, stage_since, last_event_at, definition_version
FROM facts.leads FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);

CREATE OR REPLACE VIEW boards.lead_details DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    lead_id, crm_record_id, stage, cycle, owner, channel, origin, claimed_by_sales, claimed_by_marketing,
    account, size_band, industry, region, score, began_at, stage_since, last_event_at, definition_version,
    company, account_by, owner_kind, hot, events, events_beyond_cap, definition_signed,
    origin_at, department, job_title
FROM facts.leads FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
