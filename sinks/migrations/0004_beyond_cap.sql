-- How many events of a lead are beyond what a lead may have, and so count for nothing.
ALTER TABLE facts.leads
    ADD COLUMN IF NOT EXISTS events_beyond_cap UInt32 AFTER events;
