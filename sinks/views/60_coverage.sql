-- Per target account, and per division of it: people known there, and how many of them were touched by us, engaged
-- (something came from them) and met, against the size of the committee; and the roles that nobody known has, by their
-- job title or their part in a deal. Left out: leads without an account; leads of divisions that the file does not name.
CREATE OR REPLACE VIEW boards.coverage_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT committee_size FROM boards.constants) AS usual_size,
    places AS
    (
        SELECT
            x.grain AS grain, x.account AS account, max(x.name) AS name, x.division AS division,
            max(x.committee_size) AS size,
            arraySort(groupUniqArrayIf(toString(x.committee_role), x.committee_role != '')) AS roles
        FROM
        (
            SELECT 'account' AS grain, account, name, '' AS division, committee_size, committee_role
            FROM boards.target_accounts
            UNION ALL
            SELECT 'division', account, name, division, committee_size, committee_role
            FROM boards.target_accounts
            WHERE division != ''
        ) AS x
        WHERE x.account != ''
        GROUP BY grain, account, division
    ),
    people AS
    (
        SELECT lead_id, account, department, job_title
        FROM boards.lead_details
        WHERE account IN (SELECT account FROM places) AND began_at <= {at:DateTime64(6, 'UTC')}
    ),
    done AS
    (
        SELECT
            lead_id,
            max(is_touch) AS touched, max(is_inbound) AS engaged, max(is_meeting) AS met,
            max(is_touch AND side = 'marketing') AS by_marketing, max(is_touch AND side = 'sales') AS by_sales
        FROM
        (
            SELECT
                lead_id, toString(side) AS side, 1 AS is_touch, direction = 'inbound' AS is_inbound, 0 AS is_meeting
            FROM boards.touches
            WHERE occurred_at <= {at:DateTime64(6, 'UTC')}
            UNION ALL
            SELECT
                lead_id, toString(actor_role), human, direction = 'inbound', human AND kind = 'meeting'
            FROM boards.activities
            WHERE occurred_at <= {at:DateTime64(6, 'UTC')}
        )
        WHERE lead_id IN (SELECT lead_id FROM people)
        GROUP BY lead_id
    ),
    parts AS
    (
        SELECT i.lead_id AS lead_id, groupUniqArray(c.role) AS roles
        FROM
        (
            SELECT
                splitByChar(':', arrayJoin(splitByChar(',', contacts))) AS said,
                arrayStringConcat(arrayPopBack(said), ':') AS record_id, said[-1] AS role
            FROM boards.deals
            WHERE contacts != '' AND created_at <= {at:DateTime64(6, 'UTC')}
        ) AS c
        INNER JOIN (SELECT lead_id, record_id FROM boards.lead_identifiers WHERE record_id != '') AS i
            ON i.record_id = c.record_id
        GROUP BY lead_id
    ),
    covered AS
    (
        SELECT
            x.grain AS grain, x.account AS account, x.name AS name, x.division AS division, x.size AS size,
            x.roles AS roles,
            countIf(x.is_there) AS known,
            countIf(x.is_there AND x.touched) AS touched,
            countIf(x.is_there AND x.engaged) AS engaged,
            countIf(x.is_there AND x.met) AS met,
            countIf(x.is_there AND x.by_marketing) AS by_marketing,
            countIf(x.is_there AND x.by_sales) AS by_sales,
            groupArrayArrayIf(x.takes, x.is_there) AS taken
        FROM
        (
            SELECT
                g.grain AS grain, g.account AS account, g.name AS name, g.division AS division, g.size AS size,
                g.roles AS roles,
                p.lead_id != '' AND (g.grain = 'account' OR p.department = g.division) AS is_there,
                d.touched AS touched, d.engaged AS engaged, d.met AS met,
                d.by_marketing AS by_marketing, d.by_sales AS by_sales,
                arrayConcat([p.job_title], r.roles) AS takes
            FROM places AS g
            LEFT JOIN people AS p ON p.account = g.account
            LEFT JOIN done AS d ON d.lead_id = p.lead_id
            LEFT JOIN parts AS r ON r.lead_id = p.lead_id
        ) AS x
        GROUP BY grain, account, name, division, size, roles
    )
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    c.grain AS grain, c.account AS account, c.name AS name, c.division AS division,
    toUInt32(ifNull(c.size, usual_size)) AS committee_size,
    c.known AS known, c.touched AS touched, c.engaged AS engaged, c.met AS met,
    c.by_marketing AS touched_by_marketing, c.by_sales AS touched_by_sales,
    arrayFilter(
        role -> NOT arrayExists(part -> positionCaseInsensitiveUTF8(part, role) > 0, c.taken), c.roles
    ) AS roles_missing,
    c.known / committee_size AS share
FROM covered AS c;

CREATE OR REPLACE VIEW boards.coverage DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.coverage_as_of(at = funnel_now());
