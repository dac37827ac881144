-- What each generation was made by: the whole lead definition as JSON, and the working days of its calendars.
CREATE TABLE IF NOT EXISTS facts.definitions
(
    generation UInt32,
    at DateTime64(6, 'UTC') DEFAULT now64(6),
    version String,
    content String
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (generation, at);
CREATE TABLE IF NOT EXISTS facts.working_days
(
    generation UInt32,
    calendar String,
    day Date
)
ENGINE = ReplacingMergeTree
PARTITION BY generation
ORDER BY (generation, calendar, day);
