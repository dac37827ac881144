-- Rejected leads (once per cycle) that bought after all: a won new-business deal, made after the rejection and within
-- `regret_within`, by the person, or by others of the account. Rate = by_person / rejected, so far; where that time is
-- over, mature_by_person / mature. A lower bound: purchases from rivals are unseen, and a lead may have no account.
CREATE OR REPLACE VIEW boards.regretted_rejection_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    {at:DateTime64(6, 'UTC')} AS t,
    assumeNotNull((SELECT regret_within FROM boards.constants)) AS regret_within,
    won AS
    (
        SELECT lead_id, account, created_at
        FROM boards.deals
        WHERE status = 'won' AND kind = 'new_business' AND created_at <= t AND closed_at <= t
    ),
    persons AS
    (
        SELECT lead_id, groupArray(created_at) AS deals FROM won WHERE lead_id != '' GROUP BY lead_id
    ),
    accounts AS
    (
        SELECT account, groupArray(created_at) AS deals FROM won WHERE account != '' GROUP BY account
    ),
    rejections AS
    (
        SELECT
            e.lead_id AS lead_id, e.cycle AS cycle,
            min((
                e.entered_at, e.cause, toString(e.channel), toString(e.origin), toString(e.size_band),
                toString(e.industry), toString(e.region), toString(e.reason_class), e.owner
            )) AS first
        FROM boards.stage_entries AS e
        WHERE e.stage = 'rejected' AND NOT e.regressed AND e.entered_at <= t
        GROUP BY e.lead_id, e.cycle
    ),
    units AS
    (
        SELECT
            r.first AS first,
            first.1 <= t - toIntervalSecond(regret_within) AS is_mature,
            arrayExists(
                x -> x > first.1 AND x <= first.1 + toIntervalSecond(regret_within), p.deals
            ) AS person_bought,
            NOT person_bought AND arrayExists(
                x -> x > first.1 AND x <= first.1 + toIntervalSecond(regret_within), a.deals
            ) AS account_bought
        FROM rejections AS r
        LEFT JOIN boards.leads AS l ON l.lead_id = r.lead_id
        LEFT JOIN persons AS p ON p.lead_id = r.lead_id
        LEFT JOIN accounts AS a ON a.account = l.account
    )
SELECT
    t AS as_of,
    toDate(u.first.1) AS day,
    u.first.3 AS channel, u.first.4 AS origin, u.first.5 AS size_band, u.first.6 AS industry, u.first.7 AS region,
    u.first.8 AS reason_class, u.first.9 AS owner,
    count() AS rejected,
    countIf(u.person_bought) AS by_person,
    countIf(u.account_bought) AS by_account,
    countIf(u.is_mature) AS mature,
    countIf(u.is_mature AND u.person_bought) AS mature_by_person,
    countIf(u.is_mature AND u.account_bought) AS mature_by_account
FROM units AS u
GROUP BY day, channel, origin, size_band, industry, region, reason_class, owner;

CREATE OR REPLACE VIEW boards.regretted_rejection DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.regretted_rejection_as_of(at = funnel_now());
