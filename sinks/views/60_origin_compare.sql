-- New business made in the period, by where it comes from: how much of what was decided was won, for how much and in how
-- many days from the first contact. Left out: of mean_amount won deals without a rate, of median_days those whose first
-- contact is not known or came after the win.
CREATE OR REPLACE VIEW boards.origin_compare_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT small_n FROM boards.constants) AS small_n,
    (SELECT origin_kinds FROM boards.constants) AS kinds
SELECT
    {at:DateTime64(6, 'UTC')} AS as_of,
    d.origin AS origin,
    count() AS deals,
    countIf(d.status = 'won') AS won,
    countIf(d.status = 'lost') AS lost,
    if(won + lost < small_n, NULL, won / (won + lost)) AS win_rate,
    avgIf(d.amount_reporting, d.status = 'won') AS mean_amount,
    quantileExactIf(0.5)(d.days_to_close, d.status = 'won') AS median_days,
    if(kinds[origin] = '', 'unknown', kinds[origin]) AS kind
FROM boards.deal_origins_as_of(at = {at:DateTime64(6, 'UTC')}) AS d
WHERE d.kind = 'new_business' AND toDate(d.created_at) >= {since:Date} AND toDate(d.created_at) < {until:Date}
GROUP BY origin;

CREATE OR REPLACE VIEW boards.origin_compare DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.origin_compare_as_of(at = funnel_now(), since = '1970-01-01', until = '2100-01-01');
