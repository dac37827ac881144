CREATE OR REPLACE VIEW boards.progress DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    step, topic, partition, as_of, lag, committed, events, messages, rows, at
FROM facts.progress FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
