-- Leads by the day (UTC) they began, the size of their company and their origin; customers: those who became one by now.
CREATE OR REPLACE VIEW boards.size_mix_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    toDate(l.began_at) AS day, toString(l.size_band) AS size_band, toString(l.origin) AS origin,
    count() AS leads,
    countIf(
        l.lead_id IN
        (
            SELECT lead_id FROM boards.stage_entries
            WHERE stage = 'customer' AND NOT regressed AND entered_at <= {at:DateTime64(6, 'UTC')}
        )
    ) AS customers
FROM boards.leads AS l
WHERE l.began_at <= {at:DateTime64(6, 'UTC')}
GROUP BY day, size_band, origin;

CREATE OR REPLACE VIEW boards.size_mix DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.size_mix_as_of(at = funnel_now());
