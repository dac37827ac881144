-- Lead then and now, the sources of facts, and who is the same person, with reasons.
ALTER TABLE facts.leads
    ADD COLUMN IF NOT EXISTS account_by LowCardinality(String) AFTER account;

ALTER TABLE facts.stage_entries
    ADD COLUMN IF NOT EXISTS source String AFTER score,
    ADD COLUMN IF NOT EXISTS event_id String AFTER source,
    ADD COLUMN IF NOT EXISTS lead_then String AFTER event_id;

ALTER TABLE facts.obligations
    ADD COLUMN IF NOT EXISTS lead_then String AFTER hot;

ALTER TABLE facts.touches
    ADD COLUMN IF NOT EXISTS lead_then String AFTER event_id,
    ADD COLUMN IF NOT EXISTS definition_version LowCardinality(String) AFTER lead_then;

ALTER TABLE facts.activities
    ADD COLUMN IF NOT EXISTS lead_then String AFTER event_id,
    ADD COLUMN IF NOT EXISTS definition_version LowCardinality(String) AFTER lead_then;

ALTER TABLE facts.deals
    ADD COLUMN IF NOT EXISTS account_by LowCardinality(String) AFTER account,
    ADD COLUMN IF NOT EXISTS cause String AFTER origin,
    ADD COLUMN IF NOT EXISTS closed_by String AFTER cause,
    ADD COLUMN IF NOT EXISTS lead_then String AFTER closed_by;

ALTER TABLE facts.lead_events
    ADD COLUMN IF NOT EXISTS identifier String AFTER event_id,
    ADD COLUMN IF NOT EXISTS lead_then String AFTER identifier,
    ADD COLUMN IF NOT EXISTS definition_version LowCardinality(String) AFTER lead_then;

ALTER TABLE facts.lead_identifiers
    ADD COLUMN IF NOT EXISTS definition_version LowCardinality(String) AFTER first_seen;

ALTER TABLE facts.visits
    ADD COLUMN IF NOT EXISTS cause String AFTER ownership,
    ADD COLUMN IF NOT EXISTS definition_version LowCardinality(String) AFTER cause;

CREATE TABLE IF NOT EXISTS facts.identities
(
    generation UInt32,
    identifier String,
    lead_id String,
    why LowCardinality(String),
    linked_at Nullable(DateTime64(6, 'UTC')),
    definition_version LowCardinality(String),
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, identifier);

ALTER TABLE facts.identity_links
    ADD COLUMN IF NOT EXISTS first_event String AFTER in_force,
    ADD COLUMN IF NOT EXISTS merge_event String AFTER first_event,
    ADD COLUMN IF NOT EXISTS unmerge_event String AFTER merge_event,
    DROP COLUMN IF EXISTS source,
    DROP COLUMN IF EXISTS event_id;

ALTER TABLE facts.progress
    ADD COLUMN IF NOT EXISTS messages UInt64 AFTER events,
    ADD COLUMN IF NOT EXISTS rows UInt64 AFTER messages;

CREATE TABLE IF NOT EXISTS facts.identity_changes
(
    generation UInt32,
    identifier String,
    version UInt64,
    from_lead String,
    to_lead String,
    what LowCardinality(String),
    a String,
    b String,
    event String,
    at DateTime64(6, 'UTC'),
    changed_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
PARTITION BY generation
ORDER BY (generation, identifier, version)
TTL toDateTime(written_at) + INTERVAL 90 DAY;
