-- What the live generation is made by. Every view reads the content of its definition, whose durations are texts such as
-- "90 days"; a part that an older definition does not have reads as nothing.
CREATE OR REPLACE VIEW boards.definition DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    text -> toUInt64(toFloat64OrZero(splitByChar(' ', text)[1]) * transform(
        trim(TRAILING 's' FROM splitByChar(' ', text)[2]),
        ['second', 'minute', 'hour', 'day', 'month'], [1, 60, 3600, 86400, 2628000], 0)) AS seconds,
    arrayConcat(
        JSONExtract(d.content, 'direct', 'Array(String)'),
        arrayMap(one -> JSONExtractString(d.content, 'origin', one, 'channel'), ['partner', 'referral', 'sales'])
    ) AS nobodys
SELECT
    d.version AS version,
    toUInt8(signed_by_marketing != '' AND signed_by_sales != '') AS signed,
    JSONExtractString(d.content, 'signatures', 'marketing', 'by') AS signed_by_marketing,
    toDateOrNull(JSONExtractString(d.content, 'signatures', 'marketing', 'date')) AS marketing_date,
    JSONExtractString(d.content, 'signatures', 'sales', 'by') AS signed_by_sales,
    toDateOrNull(JSONExtractString(d.content, 'signatures', 'sales', 'date')) AS sales_date,
    JSONExtractString(d.content, 'calendar') AS calendar,
    JSONExtractUInt(d.content, 'committee_size') AS committee_size,
    arrayFilter(
        name -> name != '' AND NOT has(nobodys, name),
        arrayDistinct(arrayConcat(
            arrayMap(one -> JSONExtractString(one, 'channel'), JSONExtractArrayRaw(d.content, 'channels')),
            arrayMap(
                one -> if(JSONExtractString(one, 'by') = 'marketing', JSONExtractString(one, 'channel'), ''),
                JSONExtractArrayRaw(d.content, 'touches'))))
    ) AS marketing_channels,
    JSONExtract(d.content, 'origin', 'kinds', 'Map(String, String)') AS origin_kinds,
    JSONExtract(d.content, 'origin', 'generated_by', 'Map(String, String)') AS generated_by,
    seconds(JSONExtractString(m, 'mql_matures')) AS mql_matures,
    seconds(JSONExtractString(m, 'vanished_after')) AS vanished_after,
    seconds(JSONExtractString(m, 'customer_within')) AS customer_within,
    seconds(JSONExtractString(m, 'regret_within')) AS regret_within,
    seconds(JSONExtractString(m, 'old_at_handover')) AS old_at_handover,
    seconds(JSONExtractString(m, 'influence_look_back')) AS influence_look_back,
    JSONExtractUInt(m, 'small_n') AS small_n,
    JSONExtractFloat(m, 'satisfied_at') AS satisfied_at,
    seconds(JSONExtractString(m, 'mature_win')) AS mature_win
FROM
(
    SELECT version, content, JSONExtractRaw(content, 'measures') AS m
    FROM facts.definitions
    WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1)
    ORDER BY at
    LIMIT 1
) AS d;

CREATE OR REPLACE VIEW boards.definition_stages DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    JSONExtractString(s, 'name') AS stage,
    toUInt16(place) AS rank,
    toUInt8(JSONExtractBool(s, 'aside')) AS aside,
    JSONExtract(s, 'activities', 'Array(String)') AS activities,
    JSONExtractString(s, 'job_aid') AS job_aid,
    JSONExtract(s, 'exit', 'Array(String)') AS exits
FROM
(
    SELECT JSONExtractArrayRaw(content, 'stages') AS stages
    FROM facts.definitions
    WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1)
    ORDER BY at
    LIMIT 1
)
ARRAY JOIN stages AS s, arrayEnumerate(stages) AS place;

-- `due` and `warn` are for people: "30 business minutes if hot: true, else 1 business day", "75 % of it". What a stage
-- opened is met by a `later` one, too.
CREATE OR REPLACE VIEW boards.definition_obligations DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    JSONExtractArrayRaw(o.2, 'met_by') AS meeting,
    arrayMap(
        line -> concat(
            JSONExtractString(line, 'within'),
            if(JSONType(line, 'when') IN ('Object', 'Array'), concat(' if ', replaceRegexpAll(replaceAll(replaceAll(
                JSONExtractRaw(line, 'when'), ':', ': '), ',', ', '), '["{}\\[\\]]', '')), '')),
        JSONExtractArrayRaw(o.2, 'due')) AS lines
SELECT
    o.1 AS kind,
    toUInt16(place) AS rank,
    JSONExtractString(o.2, 'owed_by') AS owed_by,
    toUInt8(JSONExtractBool(o.2, 'rolling')) AS rolling,
    arrayStringConcat(lines, ', else ') AS due,
    if(JSONType(o.2, 'warn') = 'String', JSONExtractString(o.2, 'warn'),
        concat(toString(round(100 * JSONExtractFloat(o.2, 'warn'))), ' % of it')) AS warn,
    arrayDistinct(arrayFilter(name -> name != '', arrayFlatten(arrayMap(
        c -> [JSONExtractString(c, 'does'), JSONExtractString(c, 'next'), JSONExtractString(c, 'done')], meeting)))) AS meets_moments,
    arrayDistinct(arrayConcat(
        arrayFlatten(arrayMap(c -> JSONExtract(c, 'enters', 'Array(String)'), meeting)),
        if(rolling OR empty(arrayFlatten(arrayMap(
            c -> JSONExtract(c, 'enters', 'Array(String)'), JSONExtractArrayRaw(o.2, 'opened_by')))), [], ['later']))) AS meets_stages,
    arrayDistinct(arrayFilter(name -> name != '', arrayMap(c -> JSONExtractString(c, 'has'), meeting))) AS meets_has
FROM
(
    SELECT JSONExtractKeysAndValuesRaw(content, 'obligations') AS obligations
    FROM facts.definitions
    WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1)
    ORDER BY at
    LIMIT 1
)
ARRAY JOIN obligations AS o, arrayEnumerate(obligations) AS place;

-- What leads of an origin are compared as (inbound, outbound, referral, partner), and which department generated them.
CREATE OR REPLACE VIEW boards.definition_origins DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    origin,
    JSONExtractString(rules, 'kinds', origin) AS kind,
    JSONExtractString(rules, 'generated_by', origin) AS generated_by
FROM
(
    SELECT JSONExtractRaw(content, 'origin') AS rules
    FROM facts.definitions
    WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1)
    ORDER BY at
    LIMIT 1
)
ARRAY JOIN ['marketing', 'sales', 'partner', 'referral', 'direct', 'unknown'] AS origin;

CREATE OR REPLACE VIEW boards.working_days DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT calendar, day
FROM facts.working_days FINAL
WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1);
