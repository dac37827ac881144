-- What the measures of both departments need: who got which lead and when, and what was known of it then.
ALTER TABLE facts.leads
    ADD COLUMN IF NOT EXISTS origin_at Nullable(DateTime64(6, 'UTC')) AFTER origin,
    ADD COLUMN IF NOT EXISTS department String AFTER region,
    ADD COLUMN IF NOT EXISTS job_title String AFTER department;

ALTER TABLE facts.stage_entries
    ADD COLUMN IF NOT EXISTS ready UInt8 AFTER score,
    ADD COLUMN IF NOT EXISTS hot UInt8 AFTER ready,
    ADD COLUMN IF NOT EXISTS reason String AFTER hot,
    ADD COLUMN IF NOT EXISTS reason_class LowCardinality(String) AFTER reason;

ALTER TABLE facts.obligations
    ADD COLUMN IF NOT EXISTS office_s Nullable(Float64) AFTER met_by_source;

ALTER TABLE facts.touches
    ADD COLUMN IF NOT EXISTS side LowCardinality(String) AFTER direction;

ALTER TABLE facts.deals
    ADD COLUMN IF NOT EXISTS contacts String AFTER owner,
    ADD COLUMN IF NOT EXISTS claimed_by_sales LowCardinality(String) AFTER origin,
    ADD COLUMN IF NOT EXISTS claimed_by_marketing LowCardinality(String) AFTER claimed_by_sales;

ALTER TABLE facts.lead_events
    ADD COLUMN IF NOT EXISTS moments Array(LowCardinality(String)) AFTER summary;

CREATE TABLE IF NOT EXISTS facts.assignments
(
    generation UInt32,
    lead_id String,
    cause String,
    cycle UInt16,
    assigned_at DateTime64(6, 'UTC'),
    owner String,
    before String,
    how LowCardinality(String),
    handover UInt8,
    until Nullable(DateTime64(6, 'UTC')),
    stage LowCardinality(String),
    ready UInt8,
    score Float64,
    hot UInt8,
    cycle_began_at Nullable(DateTime64(6, 'UTC')),
    inbound_at Nullable(DateTime64(6, 'UTC')),
    touched_at Nullable(DateTime64(6, 'UTC')),
    office_s Nullable(Float64),
    day_due_at DateTime64(6, 'UTC'),
    decided_at Nullable(DateTime64(6, 'UTC')),
    decided LowCardinality(String),
    channel LowCardinality(String),
    origin LowCardinality(String),
    size_band LowCardinality(String),
    industry LowCardinality(String),
    region LowCardinality(String),
    source String,
    event_id String,
    lead_then String,
    definition_version LowCardinality(String),
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, lead_id, cause);
