-- refused_at: when the row was written, for the last time; a replay writes it anew. retried_at: null = open.
CREATE OR REPLACE VIEW boards.rejects DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    topic, partition, offset, reason, detail, appended_at, refused_at, retried_at
FROM
(
    SELECT topic, partition, offset, reason, detail, appended_at, written_at AS refused_at
    FROM facts.rejects FINAL
    WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1)
) AS refused
LEFT JOIN
(
    SELECT topic, partition, offset, max(toNullable(at)) AS retried_at
    FROM facts.retries
    WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1)
    GROUP BY topic, partition, offset
) AS retried USING (topic, partition, offset);
