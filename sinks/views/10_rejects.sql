CREATE OR REPLACE VIEW boards.rejects DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    topic, partition, offset, reason, detail, appended_at
FROM facts.rejects FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
