"""The business clock against one that goes minute by minute and asks the local time of each; and whose clock it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.definition import Definition
from streams.definition.calendar import Calendar
from streams.definition.duration import parse_duration
from streams.definition.model import Due
from streams.journey.business_time import BusinessClock
from streams.journey.rows import rows_of
from streams.model import DAY, HOUR, MINUTE, LeadEvent, Micros, Value
from tests.journey.dsl import DEFINITION, LEAD, at, journey, shown

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


# Away from 1 to 4 at night, when clocks change and a wall time may come twice or never; or open all day long.
_SPANS = st.just(["00:00-24:00"]) | st.lists(
    st.integers(16, 96).map(lambda quarter: quarter * 15), min_size=2, max_size=4, unique=True
).map(
    lambda times: [
        f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}"
        for a, b in zip(sorted(times)[::2], sorted(times)[1::2], strict=False)
    ]
)
_ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"]
CALENDARS = st.builds(
    lambda hours, zone, holidays: _calendar(hours, zone, holidays),
    st.dictionaries(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), _SPANS, min_size=3),
    st.sampled_from(_ZONES),
    st.lists(st.sampled_from(["01-01", date(2026, 3, 30), date(2026, 10, 26), date(2026, 11, 2), "12-31"])),
)
# Around the changes of the clocks of both hemispheres, both ways, and a year's end.
STARTS = st.builds(
    lambda day, minutes: (
        int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000 + minutes * MINUTE
    ),
    st.sampled_from(["2026-03-06", "2026-03-27", "2026-04-03", "2026-09-25", "2026-10-23", "2026-10-30", "2026-12-30"]),
    st.integers(0, 4 * 24 * 60),
)


@settings(max_examples=60, deadline=None)
@given(calendar=CALENDARS, begin=STARTS, minutes=st.integers(1, 1500))
def test_against_the_minute_by_minute_clock(calendar: Calendar, begin: Micros, minutes: int) -> None:
    end = BusinessClock(calendar).add(begin, minutes * MINUTE)
    assert end == MinuteByMinute(calendar).add(begin, minutes)
    assert BusinessClock(calendar).between(begin, end) == minutes * MINUTE


@settings(deadline=None)
@given(
    calendar=CALENDARS,
    begin=STARTS,
    after=st.integers(0, MINUTE),
    length=st.integers(1, 40 * HOUR),
    more=st.integers(0, DAY),
)
def test_to_the_microsecond(calendar: Calendar, begin: Micros, after: Micros, length: Micros, more: Micros) -> None:
    clock, start = BusinessClock(calendar), begin + after
    end = clock.add(start, length)
    assert clock.between(start, end) == length
    assert clock.between(start, end - 1) == length - 1, "not a moment later than it must be"
    assert clock.add(start, length + more) >= end
    assert clock.between(start, end + more) == length + clock.between(end, end + more)


class Promise(NamedTuple):
    """`length` and `warn` in minutes; a share of the length if `share` is said."""

    unit: str
    length: int
    warn: int
    share: float | None

    def of(self, definition: Definition) -> Definition:
        rule = definition.obligations["undecided"]
        due = (Due(within=parse_duration(f"{self.length} {self.unit}")),)
        warn = self.share or parse_duration(f"{self.warn} {self.unit}")
        changed = rule.model_copy(update={"due": due, "warn": warn})
        return definition.model_copy(update={"obligations": {"undecided": changed}})

    def warned_after(self) -> int:
        return round(self.length * self.share) if self.share else min(self.warn, self.length)


PROMISES = st.builds(
    Promise,
    st.sampled_from(["business minutes", "min"]),
    st.integers(1, 300).map(lambda quarter: 4 * quarter),  # so that its shares are whole minutes
    st.integers(1, 1500),
    st.sampled_from([None, 0.25, 0.5, 0.75]),
)


@settings(max_examples=60, deadline=None)
@given(
    calendars=st.tuples(CALENDARS, CALENDARS, CALENDARS),
    begin=STARTS,
    promise=PROMISES,
    owner=st.sampled_from(["ann", "ben"]),
    region=st.sampled_from([None, "US", "DE", "Atlantis"]),
)
def test_promises_run_by_the_clock_of_the_owner_else_of_the_region(
    calendars: tuple[Calendar, Calendar, Calendar], begin: Micros, promise: Promise, owner: str, region: str | None
) -> None:
    ours, theirs, anns = calendars
    regions = {name: known.model_copy(update={"calendar": "ours"}) for name, known in DEFINITION.regions.items()}
    regions["north_america"] = DEFINITION.regions["north_america"].model_copy(update={"calendar": "theirs"})
    definition = promise.of(DEFINITION).model_copy(
        update={
            "calendars": {"ours": ours, "theirs": theirs, "anns": anns},
            "calendar": "ours",
            "regions": regions,
            "owner_calendars": {"ann": "anns"},
        }
    )
    said: dict[str, Value] = {"record_kind": "lead", "record_id": "1", "owner_id": owner, "status": "MQL"}
    if region:
        said["region"] = region
    given = LeadEvent("1", "lead_created", begin, begin, "test", "1", "second", said)
    (row,) = (row for key, row in rows_of(definition, LEAD, [given], {}).items() if key[0] == "obligations")
    if promise.unit == "min":
        expected = [begin + minutes * MINUTE for minutes in (promise.warned_after(), promise.length)]
    else:
        slow = MinuteByMinute(anns if owner == "ann" else theirs if region == "US" else ours)
        expected = [slow.add(begin, minutes) for minutes in (promise.warned_after(), promise.length)]
    assert [row["warn_at"], row["due_at"]] == expected


def test_the_clock_is_that_of_the_opening_whoever_has_the_lead_later() -> None:
    definition = DEFINITION.model_copy(update={"owner_calendars": {"ben": "us_east"}})
    given = "mon 10:00 created MQL owner_id=ann \n"
    changed = journey(given + "mon 11:00 assigned ben \n mon 12:00 updated region=US", definition)
    assert changed.times("untouched") == journey(given).times("untouched")
