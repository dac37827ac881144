"""Business hours of the simulated company: Monday to Friday, 9 to 18, Berlin time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from streams.model import DAY, HOUR, SECOND, Micros

OPENS = 9 * HOUR
CLOSES = 18 * HOUR
WORKDAY = CLOSES - OPENS
_ZONE = ZoneInfo("Europe/Berlin")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def _offset(day: int) -> Micros:
    """Berlin's offset at noon; it changes on Sunday nights only, when nobody works."""
    offset = (_EPOCH + timedelta(days=day, hours=12)).astimezone(_ZONE).utcoffset()
    return int(offset.total_seconds()) * SECOND if offset else 0


def local_day(at: Micros) -> int:
    """Days since 1970 by Berlin's calendar."""
    return (at + _offset(at // DAY)) // DAY


def is_workday(day: int) -> bool:
    return (day + 3) % 7 < 5  # 1970-01-01 was a Thursday


def at_local(day: int, time: Micros) -> Micros:
    """The instant at which Berlin's clocks show `time` since midnight on that day."""
    return day * DAY + time - _offset(day)


def is_open(at: Micros) -> bool:
    day = local_day(at)
    return is_workday(day) and at_local(day, OPENS) <= at < at_local(day, CLOSES)


def after(at: Micros, work: Micros) -> Micros:
    """The instant when `work` microseconds of business hours have passed since `at`."""
    day = local_day(at)
    while True:
        if is_workday(day):
            begin = max(at, at_local(day, OPENS))
            left = at_local(day, CLOSES) - begin
            if left > work:
                return begin + work
            work -= max(left, 0)
        day += 1
