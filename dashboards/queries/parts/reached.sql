SELECT
    lead_id,
    argMin(indexOf(steps, stage), (entered_at, indexOf(steps, stage))) AS first,
    max(indexOf(steps, stage)) AS furthest
FROM boards.stage_entries
WHERE has(steps, stage) AND NOT regressed
GROUP BY lead_id
