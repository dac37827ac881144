-- Opportunities by the day (UTC) they were entered, by owner and by the department that generated the lead, as known at
-- that entry; customers: those whose lead became one by now. Left out: customers that never were an opportunity.
CREATE OR REPLACE VIEW boards.prospecting_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH (SELECT generated_by FROM boards.constants) AS generators
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    toDate(e.entered_at) AS day,
    e.owner AS owner,
    if(generators[toString(e.origin)] = '', 'unknown', generators[toString(e.origin)]) AS generated_by,
    count() AS opportunities,
    countIf(
        e.lead_id IN
        (
            SELECT lead_id FROM boards.stage_entries
            WHERE stage = 'customer' AND NOT regressed AND entered_at <= {at:DateTime64(6, 'UTC')}
        )
    ) AS customers
FROM boards.stage_entries AS e
WHERE e.stage = 'opportunity' AND NOT e.regressed AND e.entered_at <= {at:DateTime64(6, 'UTC')}
GROUP BY day, owner, generated_by;

CREATE OR REPLACE VIEW boards.prospecting DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.prospecting_as_of(at = funnel_now());
