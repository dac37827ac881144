-- ClickHouse writes a function's body into each view that calls it; so the function itself never changes, and the
-- clock is a row that it reads.
CREATE OR REPLACE VIEW boards.clock DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    if(
        count() = 0,
        now64(6, 'UTC'),
        fromUnixTimestamp64Micro(
            any(event_us) + toInt64((toUnixTimestamp64Micro(now64(6, 'UTC')) - any(wall_us)) * any(speed)), 'UTC'
        )
    ) AS now
FROM (SELECT * FROM facts.clock ORDER BY at DESC LIMIT 1);

CREATE OR REPLACE FUNCTION funnel_now AS () -> assumeNotNull((SELECT now FROM boards.clock));
