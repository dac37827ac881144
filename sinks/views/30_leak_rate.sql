-- Obligations by the day they were due (UTC). rate = (leaking + recovered + lost) / due, from sums over any rows;
-- due = leaking + recovered + lost + met: those whose due time is past, voided left out. Rolling kinds stay out of
-- combined rates: filter by `rolling`. Of a kind that is not `measured` (see boards.measured) no rate means anything.
CREATE OR REPLACE VIEW boards.leak_rate_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    c.*,
    toUInt8(
        c.kind IN (SELECT kind FROM boards.measured_as_of(at = {at:DateTime64(6, 'UTC')}) WHERE measured = 1)
    ) AS measured
FROM
(
    SELECT
        {at:DateTime64(6, 'UTC')} AS as_of,
        toDate(o.due_at) AS day,
        o.kind AS kind, o.owed_by AS owed_by, o.owner AS owner, o.channel AS channel, o.origin AS origin,
        o.size_band AS size_band, o.industry AS industry, o.region AS region, o.rolling AS rolling,
        countIf(o.due_at <= as_of AND o.state != 'voided') AS due,
        countIf(o.state = 'leaking') AS leaking,
        countIf(o.state = 'recovered') AS recovered,
        countIf(o.state = 'lost' AND o.due_at <= as_of) AS lost,
        countIf(o.state = 'met' AND o.due_at <= as_of) AS met,
        countIf(o.state = 'open') AS open,
        countIf(o.state = 'warned') AS warned,
        countIf(o.state = 'voided') AS voided
    FROM boards.obligations_as_of(at = {at:DateTime64(6, 'UTC')}) AS o
    GROUP BY ALL
) AS c;

CREATE OR REPLACE VIEW boards.leak_rate DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.leak_rate_as_of(at = funnel_now());
