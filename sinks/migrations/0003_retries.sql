-- Which refused messages were sent again.
CREATE TABLE IF NOT EXISTS facts.retries
(
    generation UInt32,
    topic String,
    partition UInt32,
    offset UInt64,
    at DateTime64(6, 'UTC') DEFAULT now64(6),
    to_partition UInt32,
    to_offset UInt64
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (generation, topic, partition, offset, at);
