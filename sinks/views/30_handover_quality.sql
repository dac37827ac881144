-- Hand-overs (the first time in a cycle that others gave the lead to sales) that met the signed definition at that
-- moment: ready / handovers, from sums over any rows. Left out: leads that a rep took, or that were only passed on.
CREATE OR REPLACE VIEW boards.handover_quality_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    toDate(a.assigned_at) AS day,
    toString(a.channel) AS channel, toString(a.origin) AS origin, toString(a.size_band) AS size_band,
    toString(a.industry) AS industry, toString(a.region) AS region, a.owner AS owner,
    count() AS handovers,
    countIf(a.ready = 1) AS ready
FROM boards.assignments AS a
WHERE a.handover = 1 AND a.assigned_at <= {at:DateTime64(6, 'UTC')}
GROUP BY day, channel, origin, size_band, industry, region, owner;

CREATE OR REPLACE VIEW boards.handover_quality DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.handover_quality_as_of(at = funnel_now());
