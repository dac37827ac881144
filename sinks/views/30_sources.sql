-- Which systems speak, and which of them is silent for longer than is usual for it. What somebody sends of several kinds
-- (`brings`: web, form or crm) is judged apart, by when their systems recorded it. Silence is counted in the source's own
-- active hours: those of the week (UTC) in which it said something within the last 30 days. The usual gap is the 99th
-- percentile of those between what it said in that time; of fewer than 20 instants nothing is known (NULL). It is silent
-- after 15 minutes, and after three usual gaps; who said nothing for 30 days is gone, and not listed.
CREATE OR REPLACE VIEW boards.sources_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    {at:DateTime64(6, 'UTC')} AS t,
    3600000000 AS hour,
    said AS
    (
        SELECT
            toString(e.source) AS name,
            multiIf(e.type = 'session', 'web', e.type = 'form_submitted', 'form', 'crm') AS kind,
            arraySort(groupUniqArray(toUnixTimestamp64Micro(e.recorded_at))) AS instants
        FROM
        (
            SELECT source, type, recorded_at FROM facts.lead_events FINAL
            WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1)
                AND recorded_at > t - INTERVAL 30 DAY AND recorded_at <= t
        ) AS e
        GROUP BY name, kind
    ),
    weekly AS
    (
        SELECT
            name, kind, instants,
            arrayDistinct(arrayMap(us -> intDiv(us, hour) % 168, instants)) AS hours,
            arrayMap(h -> toInt64(has(hours, h)), range(168)) AS active,
            arrayPopBack(arrayPushFront(arrayCumSum(active), toInt64(0))) AS before
        FROM said
    ),
    worked AS
    (
        SELECT
            name, kind, instants,
            arrayMap(
                us -> (intDiv(us, hour * 168) * length(hours) + before[intDiv(us, hour) % 168 + 1]) * hour
                    + active[intDiv(us, hour) % 168 + 1] * (us % hour),
                arrayPushBack(instants, toUnixTimestamp64Micro(t))
            ) AS clock
        FROM weekly
    ),
    judged AS
    (
        SELECT
            name, kind, instants,
            arraySort(arrayPopFront(arrayDifference(arrayPopBack(clock)))) AS gaps,
            if(length(instants) < 20, NULL, gaps[toUInt32(floor(0.99 * length(gaps))) + 1]) AS usual,
            clock[-1] - clock[-2] AS silent
        FROM worked
    )
SELECT
    j.name AS source,
    j.kind AS brings,
    fromUnixTimestamp64Micro(j.instants[-1], 'UTC') AS last_event_at,
    j.usual / 1000000 AS usual_gap_s,
    j.silent / 1000000 AS silent_s,
    toUInt8(j.usual IS NOT NULL AND j.silent > greatest(900000000, 3 * assumeNotNull(j.usual))) AS is_silent
FROM judged AS j;

CREATE OR REPLACE VIEW boards.sources DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.sources_as_of(at = funnel_now());
