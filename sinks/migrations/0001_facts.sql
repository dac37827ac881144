CREATE TABLE IF NOT EXISTS facts.leads
(
    generation UInt32,
    lead_id String,
    crm_record_id String,
    stage LowCardinality(String),
    cycle UInt16,
    owner String,
    owner_kind LowCardinality(String),
    channel LowCardinality(String),
    origin LowCardinality(String),
    claimed_by_sales LowCardinality(String),
    claimed_by_marketing LowCardinality(String),
    account String,
    company String,
    size_band LowCardinality(String),
    industry LowCardinality(String),
    region LowCardinality(String),
    score Float64,
    hot UInt8,
    began_at DateTime64(6, 'UTC'),
    stage_since DateTime64(6, 'UTC'),
    last_event_at DateTime64(6, 'UTC'),
    events UInt32,
    definition_version LowCardinality(String),
    definition_signed UInt8,
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, lead_id);

CREATE TABLE IF NOT EXISTS facts.stage_entries
(
    generation UInt32,
    lead_id String,
    cause String,
    stage LowCardinality(String),
    cycle UInt16,
    entered_at DateTime64(6, 'UTC'),
    left_at Nullable(DateTime64(6, 'UTC')),
    next LowCardinality(String),
    skipped UInt8,
    regressed UInt8,
    began_at DateTime64(6, 'UTC'),
    owner String,
    channel LowCardinality(String),
    origin LowCardinality(String),
    size_band LowCardinality(String),
    industry LowCardinality(String),
    region LowCardinality(String),
    score Float64,
    definition_version LowCardinality(String),
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, lead_id, cause, stage);

CREATE TABLE IF NOT EXISTS facts.obligations
(
    generation UInt32,
    lead_id String,
    kind LowCardinality(String),
    cause String,
    cycle UInt16,
    owed_by LowCardinality(String),
    owner String,
    opened_at DateTime64(6, 'UTC'),
    warn_at DateTime64(6, 'UTC'),
    due_at DateTime64(6, 'UTC'),
    met_at Nullable(DateTime64(6, 'UTC')),
    ended_at Nullable(DateTime64(6, 'UTC')),
    end_kind LowCardinality(String),
    void_reason LowCardinality(String),
    note LowCardinality(String),
    rolling UInt8,
    met_by String,
    opened_by_source String,
    met_by_source String,
    stage LowCardinality(String),
    channel LowCardinality(String),
    origin LowCardinality(String),
    size_band LowCardinality(String),
    industry LowCardinality(String),
    region LowCardinality(String),
    hot UInt8,
    definition_version LowCardinality(String),
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, lead_id, kind, cause);

CREATE TABLE IF NOT EXISTS facts.touches
(
    generation UInt32,
    lead_id String,
    cause String,
    occurred_at DateTime64(6, 'UTC'),
    kind LowCardinality(String),
    channel LowCardinality(String),
    campaign String,
    direction LowCardinality(String),
    source String,
    event_id String,
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, lead_id, cause);

CREATE TABLE IF NOT EXISTS facts.activities
(
    generation UInt32,
    lead_id String,
    cause String,
    occurred_at DateTime64(6, 'UTC'),
    recorded_at DateTime64(6, 'UTC'),
    kind LowCardinality(String),
    direction LowCardinality(String),
    human UInt8,
    outcome LowCardinality(String),
    actor String,
    actor_role LowCardinality(String),
    counts_from DateTime64(6, 'UTC'),
    source String,
    event_id String,
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, lead_id, cause);

CREATE TABLE IF NOT EXISTS facts.deals
(
    generation UInt32,
    lead_id String,
    deal_id String,
    account String,
    stage LowCardinality(String),
    status LowCardinality(String),
    kind LowCardinality(String),
    amount Float64,
    currency LowCardinality(String),
    created_at DateTime64(6, 'UTC'),
    closed_at Nullable(DateTime64(6, 'UTC')),
    reason String,
    reason_class LowCardinality(String),
    competitor LowCardinality(String),
    owner String,
    before_first_contact UInt8,
    days_to_close Nullable(Float64),
    channel LowCardinality(String),
    origin LowCardinality(String),
    definition_version LowCardinality(String),
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, lead_id, deal_id);

CREATE TABLE IF NOT EXISTS facts.lead_events
(
    generation UInt32,
    lead_id String,
    cause String,
    occurred_at DateTime64(6, 'UTC'),
    recorded_at DateTime64(6, 'UTC'),
    type LowCardinality(String),
    summary String,
    source String,
    event_id String,
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, lead_id, cause);

CREATE TABLE IF NOT EXISTS facts.lead_identifiers
(
    generation UInt32,
    lead_id String,
    identifier String,
    kind LowCardinality(String),
    record_id String,
    first_seen DateTime64(6, 'UTC'),
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, lead_id, identifier);

CREATE TABLE IF NOT EXISTS facts.visits
(
    generation UInt32,
    device String,
    session_id String,
    started_at DateTime64(6, 'UTC'),
    ended_at DateTime64(6, 'UTC'),
    pages UInt32,
    channel LowCardinality(String),
    country LowCardinality(String),
    landing String,
    ownership LowCardinality(String),
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, device, session_id);

CREATE TABLE IF NOT EXISTS facts.identity_links
(
    generation UInt32,
    a String,
    b String,
    first_at Nullable(DateTime64(6, 'UTC')),
    merged_at Nullable(DateTime64(6, 'UTC')),
    unmerged_at Nullable(DateTime64(6, 'UTC')),
    in_force UInt8,
    source String,
    event_id String,
    definition_version LowCardinality(String),
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, a, b);

CREATE TABLE IF NOT EXISTS facts.rejects
(
    generation UInt32,
    topic String,
    partition UInt32,
    offset UInt64,
    reason LowCardinality(String),
    detail String,
    appended_at DateTime64(6, 'UTC'),
    source_at DateTime64(6, 'UTC'),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3),
    revision UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
PARTITION BY generation
ORDER BY (generation, topic, partition, offset);

CREATE TABLE IF NOT EXISTS facts.progress
(
    generation UInt32,
    step LowCardinality(String),
    topic LowCardinality(String),
    partition UInt32,
    as_of DateTime64(6, 'UTC'),
    lag UInt64,
    committed UInt64,
    events UInt64,
    at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
PARTITION BY generation
ORDER BY (generation, step, topic, partition);

CREATE TABLE IF NOT EXISTS facts.live
(
    at DateTime64(6, 'UTC') DEFAULT now64(6),
    generation UInt32
)
ENGINE = MergeTree
ORDER BY (at);

CREATE TABLE IF NOT EXISTS facts.clock
(
    at DateTime64(6, 'UTC') DEFAULT now64(6),
    wall_us Int64,
    event_us Int64,
    speed Float64
)
ENGINE = MergeTree
ORDER BY (at);

CREATE TABLE IF NOT EXISTS facts.generations
(
    generation UInt32,
    at DateTime64(6, 'UTC') DEFAULT now64(6),
    cluster String,
    topics String,
    definition_version String,
    key_check String
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (generation, at);
