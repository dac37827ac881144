-- From MQL and owned by a person to the first human touch. response_leads: each such wait, null = not touched by `at`.
-- response: by the day it opened, for all and per owner: medians and p90 in which who was never touched (or only moved
-- on with nothing logged) waited forever, null = that long; on the wall clock and in office hours. Voided are left out.
CREATE OR REPLACE VIEW boards.response_leads_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    o.lead_id AS lead_id, o.cycle AS cycle, o.owner AS owner, o.opened_at AS opened_at,
    if(o.note = 'nothing logged', NULL, o.met_at) AS touched_at,
    (toUnixTimestamp64Micro(touched_at) - toUnixTimestamp64Micro(o.opened_at)) / 1e6 AS wait_s,
    if(touched_at IS NULL, NULL, o.office_s) AS office_s,
    o.hot AS hot,
    toString(o.channel) AS channel, toString(o.origin) AS origin, toString(o.size_band) AS size_band,
    toString(o.industry) AS industry, toString(o.region) AS region
FROM boards.obligations_as_of(at = {at:DateTime64(6, 'UTC')}) AS o
WHERE o.kind = 'untouched' AND o.state != 'voided';

CREATE OR REPLACE VIEW boards.response_leads DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.response_leads_as_of(at = funnel_now());

CREATE OR REPLACE VIEW boards.response_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    s.grain AS grain, s.owner AS owner, s.n AS n, s.touched AS touched, s.n - s.touched AS never,
    if(isFinite(s.waits[1]), s.waits[1], NULL) AS median_s,
    if(isFinite(s.waits[2]), s.waits[2], NULL) AS p90_s,
    if(s.with_office > 0 AND isFinite(s.office[1]), s.office[1], NULL) AS median_office_s,
    if(s.with_office > 0 AND isFinite(s.office[2]), s.office[2], NULL) AS p90_office_s
FROM
(
    SELECT
        g.1 AS grain, g.2 AS owner,
        count() AS n,
        countIf(r.touched_at IS NOT NULL) AS touched,
        quantilesExact(0.5, 0.9)(ifNull(r.wait_s, inf)) AS waits,
        countIf(r.touched_at IS NULL OR r.office_s IS NOT NULL) AS with_office,
        quantilesExactIf(0.5, 0.9)(
            ifNull(r.office_s, inf), r.touched_at IS NULL OR r.office_s IS NOT NULL
        ) AS office
    FROM boards.response_leads_as_of(at = {at:DateTime64(6, 'UTC')}) AS r
    ARRAY JOIN [('all', ''), ('owner', r.owner)] AS g
    WHERE toDate(r.opened_at) >= {since:Date} AND toDate(r.opened_at) < {until:Date}
    GROUP BY grain, owner
) AS s;

CREATE OR REPLACE VIEW boards.response DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.response_as_of(at = funnel_now(), since = '1970-01-01', until = '2100-01-01');
