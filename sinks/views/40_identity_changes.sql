-- Which leads, and so which numbers, moved in the last 30 days because of what became known of who is who.
-- One row per change: what was `from_lead`'s is `to_lead`'s now (at that time; `gone`: the former has nothing left).
-- Counted are facts of the moved identifiers from before the event that moved them; what came after it was right from
-- the start. `changed_at` is when that event reached Kafka, `at` is when it happened.
CREATE OR REPLACE VIEW boards.identity_changes DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1) AS live,
    changes AS
    (
        SELECT * FROM facts.identity_changes FINAL
        WHERE generation = live AND changed_at > funnel_now() - INTERVAL 30 DAY
    ),
    moved AS
    (
        SELECT lead_id, cause, identifier, occurred_at FROM facts.lead_events FINAL
        WHERE generation = live AND identifier IN (SELECT identifier FROM changes)
    ),
    entered AS
    (
        SELECT lead_id, cause, groupArray(toString(stage)) AS stages FROM facts.stage_entries FINAL
        WHERE generation = live AND NOT regressed AND cause IN (SELECT cause FROM moved)
        GROUP BY lead_id, cause
    ),
    owed AS
    (
        SELECT lead_id, cause, count() AS obligations FROM facts.obligations FINAL
        WHERE generation = live AND cause IN (SELECT cause FROM moved)
        GROUP BY lead_id, cause
    ),
    made AS
    (
        SELECT lead_id, cause, count() AS deals FROM facts.deals FINAL
        WHERE generation = live AND lead_id != '' AND cause IN (SELECT cause FROM moved)
        GROUP BY lead_id, cause
    )
SELECT
    c.changed_at AS changed_at, c.from_lead AS from_lead, c.to_lead AS to_lead, c.what AS what, c.at AS at,
    c.a AS a, c.b AS b, c.event AS event,
    from_lead NOT IN (SELECT lead_id FROM facts.leads FINAL WHERE generation = live) AS gone,
    arraySort(groupUniqArray(c.identifier)) AS identifiers,
    count() AS events,
    arraySort(groupArrayArray(e.stages)) AS stages,
    sum(o.obligations) AS obligations,
    sum(d.deals) AS deals
FROM changes AS c
INNER JOIN moved AS m ON m.identifier = c.identifier
LEFT JOIN entered AS e ON e.lead_id = m.lead_id AND e.cause = m.cause
LEFT JOIN owed AS o ON o.lead_id = m.lead_id AND o.cause = m.cause
LEFT JOIN made AS d ON d.lead_id = m.lead_id AND d.cause = m.cause
WHERE m.occurred_at < c.at
GROUP BY c.version, changed_at, from_lead, to_lead, what, at, a, b, event;
