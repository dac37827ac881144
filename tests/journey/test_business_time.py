"""The business clock against one that goes minute by minute and asks the local time of each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.definition.calendar import Calendar
from streams.journey.business_time import BusinessClock
from streams.model import HOUR, MINUTE, Micros
from tests.journey.dsl import DEFINITION, at, shown

BERLIN = BusinessClock(DEFINITION.calendars["central_europe"])


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("mon 09:00", 8, "mon 17:00"),
        ("mon 14:00", 8, "tue 14:00"),
        ("mon 07:00", 1, "mon 10:00"),  # before hours the clock starts at the opening
        ("mon 17:00", 1, "tue 10:00"),
        ("fri 16:00", 2, "mon2 10:00"),  # over a weekend
        ("sat 12:00", 1, "mon2 10:00"),
        ("thu5 16:00", 2, "tue6 10:00"),  # Good Friday and Easter Monday 2026, and the clocks change on the 29th
        ("fri4 16:00", 2, "mon5 10:00"),  # over the change to summer time
    ],
)
def test_office_hours(start: str, hours: int, end: str) -> None:
    assert shown(BERLIN.add(at(start), hours * HOUR)) == end


def test_an_evening_that_is_already_tomorrow_in_utc() -> None:
    evening = 1_772_500_000_000_000 - 1_772_500_000_000_000 % (24 * HOUR) + HOUR // 2  # 00:30 UTC, 19:30 in New York
    clock = BusinessClock(_calendar({"mon-sun": "09:00-20:00"}, "America/New_York", []))
    assert clock.add(evening, HOUR // 2) == evening + HOUR // 2


def test_between_is_the_inverse_of_add() -> None:
    assert BERLIN.between(at("fri 16:00"), at("mon2 10:00")) == 2 * HOUR
    assert BERLIN.between(at("mon 10:00"), at("mon 09:00")) == 0


def test_an_office_that_never_opens_is_an_error_not_a_loop() -> None:
    every_day = [f"{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 32) if _is_day(month, day)]
    with pytest.raises(OverflowError):
        BusinessClock(_calendar({"mon": "09:00-17:00"}, "UTC", every_day)).add(0, HOUR)


def _is_day(month: int, day: int) -> bool:
    try:
        return bool(date(2024, month, day))
    except ValueError:
        return False


def _calendar(hours: Any, zone: str, holidays: list[Any]) -> Calendar:
    return Calendar.model_validate({"zone": zone, "hours": hours, "business_day": "8 hours", "holidays": holidays})


class MinuteByMinute:
    """Slow, and right by construction: a minute counts if the office's own wall clock says that it is open."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def is_open(self, minute: Micros) -> bool:
        local = datetime.fromtimestamp(minute / 1e6, UTC).astimezone(self._calendar.zone)
        now = local.hour * 60 + local.minute
        return any(opens <= now < closes for opens, closes in self._calendar.openings(local.date()))

    def add(self, start: Micros, minutes: int) -> Micros:
        now = start
        while minutes:
            minutes -= self.is_open(now)
            now += MINUTE
        return now


# Away from 1 to 4 at night, when clocks change and a wall time may come twice or never.
_SPANS = st.lists(st.integers(16, 96).map(lambda quarter: quarter * 15), min_size=2, max_size=4, unique=True).map(
    lambda times: [
        f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}"
        for a, b in zip(sorted(times)[::2], sorted(times)[1::2], strict=False)
    ]
)
_ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"]


@settings(max_examples=60, deadline=None)
@given(
    hours=st.dictionaries(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), _SPANS, min_size=3),
    zone=st.sampled_from(_ZONES),
    # around the changes of the clocks of both hemispheres, and a year's end
    start=st.sampled_from(["2026-03-06", "2026-03-27", "2026-04-03", "2026-09-25", "2026-10-23", "2026-12-30"]),
    offset=st.integers(0, 4 * 24 * 60),
    minutes=st.integers(1, 1500),
    holidays=st.lists(st.sampled_from(["01-01", date(2026, 3, 30), date(2026, 10, 26), "12-31"])),
)
def test_against_the_minute_by_minute_clock(
    hours: dict[str, list[str]], zone: str, start: str, offset: int, minutes: int, holidays: list[Any]
) -> None:
    calendar = _calendar(hours, zone, holidays)
    begin = int((datetime.fromisoformat(start).replace(tzinfo=UTC) + timedelta(minutes=offset)).timestamp()) * 1_000_000
    end = BusinessClock(calendar).add(begin, minutes * MINUTE)
    assert end == MinuteByMinute(calendar).add(begin, minutes)
    assert BusinessClock(calendar).between(begin, end) == minutes * MINUTE
