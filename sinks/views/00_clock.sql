-- ClickHouse writes a function's body into each view that calls it; so the function itself never changes, and the
-- clock is a row that it reads: (wall_us, event_us, speed), or the wall clock where nobody has set one.
CREATE OR REPLACE VIEW boards.clock DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH toUnixTimestamp64Micro(now64(6, 'UTC')) AS wall, argMax((wall_us, event_us, speed), at) AS c
SELECT fromUnixTimestamp64Micro(if(count() = 0, wall, c.2 + toInt64((wall - c.1) * c.3)), 'UTC') AS now
FROM facts.clock;

CREATE OR REPLACE FUNCTION funnel_now AS () -> assumeNotNull((SELECT now FROM boards.clock));
