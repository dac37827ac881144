-- What no event says: who works here, spend, targets, target accounts, rates; by version, see facts.loads.
CREATE TABLE IF NOT EXISTS facts.loads
(
    version UInt64,
    kind LowCardinality(String),
    loaded_by String,
    file String,
    rows UInt32,
    months Array(Date)
)
ENGINE = ReplacingMergeTree
ORDER BY (version);

CREATE TABLE IF NOT EXISTS facts.users
(
    version UInt64,
    row UInt32,
    file LowCardinality(String),
    line UInt32,
    user_id String,
    name String,
    department LowCardinality(String),
    role String,
    calendar LowCardinality(String),
    region LowCardinality(String),
    valid_from Date,
    valid_to Nullable(Date)
)
ENGINE = ReplacingMergeTree
ORDER BY (version, row);

CREATE TABLE IF NOT EXISTS facts.spend
(
    version UInt64,
    row UInt32,
    file LowCardinality(String),
    line UInt32,
    first_day Date,
    last_day Date,
    channel LowCardinality(String),
    campaign String,
    amount Float64,
    currency LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (version, row);

CREATE TABLE IF NOT EXISTS facts.targets
(
    version UInt64,
    row UInt32,
    file LowCardinality(String),
    line UInt32,
    first_day Date,
    last_day Date,
    region LowCardinality(String),
    industry LowCardinality(String),
    stage LowCardinality(String),
    origin LowCardinality(String),
    leads UInt32
)
ENGINE = ReplacingMergeTree
ORDER BY (version, row);

CREATE TABLE IF NOT EXISTS facts.target_accounts
(
    version UInt64,
    row UInt32,
    file LowCardinality(String),
    line UInt32,
    account String,
    name String,
    division String,
    committee_role LowCardinality(String),
    committee_size Nullable(UInt16)
)
ENGINE = ReplacingMergeTree
ORDER BY (version, row);

CREATE TABLE IF NOT EXISTS facts.rates
(
    version UInt64,
    row UInt32,
    file LowCardinality(String),
    line UInt32,
    currency LowCardinality(String),
    valid_from Date,
    rate Float64
)
ENGINE = ReplacingMergeTree
ORDER BY (version, row);
