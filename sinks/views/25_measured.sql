-- Whether a kind of obligation can be measured in this CRM at all. Not if nothing that could meet it was ever seen, nor
-- if all that was due was met by the very event that opened it: a rate of 100 % would say nothing. Counts are of what
-- is past due, voided left out; `evidence`: events, entries, owners or records by `at` that could meet such a one
-- (entering a later stage is none: it shows that nothing was logged).
CREATE OR REPLACE VIEW boards.measured_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    {at:DateTime64(6, 'UTC')} AS t,
    (
        SELECT groupArray((s.what, s.n))
        FROM
        (
            SELECT CAST(moments, 'Array(String)') AS what, count() AS n
            FROM boards.lead_events
            WHERE occurred_at <= t AND notEmpty(moments)
            GROUP BY what
        ) AS s
    ) AS happened,
    (
        SELECT groupArray((s.stage, s.n))
        FROM
        (
            SELECT toString(stage) AS stage, count() AS n
            FROM boards.stage_entries
            WHERE NOT regressed AND entered_at <= t
            GROUP BY stage
        ) AS s
    ) AS entered,
    assumeNotNull((SELECT count() FROM boards.assignments WHERE assigned_at <= t)) AS owners,
    assumeNotNull(
        (SELECT count() FROM boards.lead_identifiers WHERE record_id != '' AND first_seen <= t)
    ) AS records,
    kinds AS
    (
        SELECT
            k.kind AS kind,
            max(k.known) AS is_known,
            sum(k.opened) AS opened, sum(k.met_apart) AS met_apart, sum(k.met) AS met, sum(k.lost) AS lost,
            sum(k.past_due) AS past_due,
            sum(
                arraySum(x -> if(hasAny(x.1, k.meets_moments), x.2, 0), happened)
                + arraySum(x -> if(has(k.meets_stages, x.1), x.2, 0), entered)
                + if(has(k.meets_has, 'person_owner'), owners, 0)
                + if(has(k.meets_has, 'live_record'), records, 0)
            ) AS seen,
            greatest(seen, max(toUInt64(has(k.meets_has, 'sales_ready')))) AS evidence
        FROM
        (
            SELECT
                toString(kind) AS kind, 1 AS known,
                CAST(meets_moments, 'Array(String)') AS meets_moments,
                CAST(
                    arrayConcat(meets_stages, if(has(meets_stages, 'aside'), ['nurture', 'rejected', 'lost'], [])),
                    'Array(String)'
                ) AS meets_stages,
                CAST(meets_has, 'Array(String)') AS meets_has,
                0 AS opened, 0 AS met_apart, 0 AS met, 0 AS lost, 0 AS past_due
            FROM boards.definition_obligations
            UNION ALL
            SELECT
                toString(o.kind) AS kind, 0, [], [], [],
                count(),
                countIf(o.due_at <= t AND o.state IN ('met', 'recovered') AND o.met_by != o.cause),
                countIf(o.due_at <= t AND o.state IN ('met', 'recovered')),
                countIf(o.due_at <= t AND o.state = 'lost'),
                countIf(o.due_at <= t AND o.state != 'voided')
            FROM boards.obligations_as_of(at = {at:DateTime64(6, 'UTC')}) AS o
            GROUP BY kind
        ) AS k
        GROUP BY k.kind
    )
SELECT
    t AS as_of, kind, opened, met_apart, met, lost, past_due, evidence,
    toUInt8(why = '') AS measured,
    multiIf(
        opened = 0, '',
        is_known = 1 AND evidence = 0, 'nothing that could meet it was ever seen',
        met > 0 AND met_apart = 0 AND past_due = met, 'what opens it and what meets it is one and the same event',
        ''
    ) AS why
FROM kinds;

CREATE OR REPLACE VIEW boards.measured DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.measured_as_of(at = funnel_now());
