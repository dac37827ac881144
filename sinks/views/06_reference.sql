-- STUB, a copy of what the branch with the reference data has; to be replaced by it.
-- Reference data, of files (`funnelwatch load --as`): `file` and `line` say which. A load is all there is of its months
-- (first days), or is the whole list if it has none, until a newer one is. `replaced`: those that newer ones are of.
CREATE OR REPLACE VIEW boards.loads DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    version, fromUnixTimestamp64Micro(toInt64(version), 'UTC') AS loaded_at, loaded_by, kind, file, rows, months,
    arraySort(arrayFilter(month -> has(months, month), groupArrayIf(part, newest > version))) AS replaced,
    max(newest = version) AS in_force
FROM
(
    SELECT *, max(version) OVER (PARTITION BY kind, part) AS newest
    FROM (SELECT *, arrayJoin(if(empty(months), [toDate(0)], months)) AS part FROM facts.loads FINAL)
)
GROUP BY version, loaded_by, kind, file, rows, months;

CREATE OR REPLACE VIEW boards.users DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT user_id, name, department, role, calendar, region, valid_from, valid_to, file, line
FROM facts.users FINAL
WHERE version IN (SELECT version FROM boards.loads WHERE kind = 'users' AND in_force);

-- A line each; name and committee size are the account's. 21 take part in a large purchase, where the file says nothing.
CREATE OR REPLACE VIEW boards.target_accounts DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    account,
    max(of_line.name) OVER (PARTITION BY account) AS name,
    division, committee_role,
    ifNull(max(of_line.committee_size) OVER (PARTITION BY account), 21) AS committee_size,
    file, line
FROM (SELECT * FROM facts.target_accounts FINAL) AS of_line
WHERE version IN (SELECT version FROM boards.loads WHERE kind = 'target_accounts' AND in_force);

-- first_day and last_day are both in the period; region, industry, stage, origin: '' is any.
CREATE OR REPLACE VIEW boards.targets DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT t.first_day AS first_day, t.last_day AS last_day, t.region AS region, t.industry AS industry,
    t.stage AS stage, t.origin AS origin, t.leads AS leads, t.file AS file, t.line AS line
FROM (SELECT * FROM facts.targets FINAL) AS t
INNER JOIN (SELECT version, replaced FROM boards.loads WHERE kind = 'targets') AS l ON l.version = t.version
WHERE NOT arrayExists(month -> month BETWEEN toStartOfMonth(t.first_day) AND t.last_day, l.replaced);

CREATE OR REPLACE VIEW boards.spend_as_loaded DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT s.first_day AS first_day, s.last_day AS last_day, s.channel AS channel, s.campaign AS campaign,
    s.amount AS amount, s.currency AS currency, s.file AS file, s.line AS line
FROM (SELECT * FROM facts.spend FINAL) AS s
INNER JOIN (SELECT version, replaced FROM boards.loads WHERE kind = 'spend') AS l ON l.version = s.version
WHERE NOT arrayExists(month -> month BETWEEN toStartOfMonth(s.first_day) AND s.last_day, l.replaced);

-- One unit of `currency` is `rate` of the reporting currency from valid_from until before valid_to.
CREATE OR REPLACE VIEW boards.rates DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    toString(currency) AS currency, valid_from,
    leadInFrame(toNullable(valid_from)) OVER
        (PARTITION BY currency ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS valid_to,
    rate,
    max(if(is_always_one, toString(currency), '')) OVER () AS reporting_currency,
    file, line
FROM
(
    SELECT *, min(rate = 1) OVER (PARTITION BY currency) AS is_always_one
    FROM facts.rates FINAL
    WHERE version IN (SELECT version FROM boards.loads WHERE kind = 'rates' AND in_force)
);

-- One row: the rates' reporting currency; without rates the one currency that all amounts have; null if they have several.
CREATE OR REPLACE VIEW boards.reporting_currency DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    amounts AS
    (
        SELECT currency FROM boards.spend_as_loaded WHERE amount != 0
        UNION DISTINCT
        SELECT currency FROM facts.deals FINAL
        WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1) AND amount != 0
    ),
    (SELECT if(uniqExact(currency) = 1, toNullable(max(toString(currency))), NULL) FROM amounts) AS the_only_one
SELECT if(count() > 0, toNullable(max(reporting_currency)), the_only_one) AS currency
FROM boards.rates;

-- Spend spread evenly over its days, each at the rate of that day. amount_reporting is null where there is no rate, and
-- `problem` says for which currency. period_amount: of the whole line.
CREATE OR REPLACE VIEW boards.spend_daily DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH (SELECT currency FROM boards.reporting_currency) AS reporting
SELECT
    s.day AS day, s.channel AS channel, s.campaign AS campaign, s.amount AS amount, s.currency AS currency,
    multiIf(s.currency = reporting, 1., s.amount = 0, 0., r.rate) AS rate,
    s.amount * rate AS amount_reporting,
    reporting AS reporting_currency,
    if(rate IS NULL, 'no rate for ' || s.currency, '') AS problem,
    s.first_day AS first_day, s.last_day AS last_day, s.period_amount AS period_amount, s.file AS file, s.line AS line
FROM
(
    SELECT
        l.first_day AS first_day, l.last_day AS last_day, l.channel AS channel, l.campaign AS campaign,
        toString(l.currency) AS currency, l.file AS file, l.line AS line,
        toUInt32(l.last_day - l.first_day) + 1 AS days,
        l.first_day + arrayJoin(range(days)) AS day,
        l.amount AS period_amount,
        l.amount / days AS amount
    FROM boards.spend_as_loaded AS l
) AS s
ASOF LEFT JOIN (SELECT currency, valid_from, toNullable(rate) AS rate FROM boards.rates) AS r
    ON r.currency = s.currency AND r.valid_from <= s.day;

CREATE OR REPLACE VIEW boards.spend DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    first_day, last_day, channel, campaign, period_amount AS amount, currency,
    if(countIf(rate IS NULL) > 0, NULL, period_amount * avg(rate)) AS amount_reporting,
    reporting_currency, max(problem) AS problem, file, line
FROM boards.spend_daily
GROUP BY first_day, last_day, channel, campaign, period_amount, currency, reporting_currency, file, line;
