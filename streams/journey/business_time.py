"""The clock that runs during office hours only.

All times are UTC microseconds; office hours are local, so the clock follows daylight saving.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from streams.definition import Definition
from streams.definition.calendar import Calendar
from streams.definition.duration import Duration
from streams.model import DAY, Micros

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)
_FOREVER = 3660  # days without an opening after which the office counts as closed for good


class BusinessClock:
    """Counts the time in which the office of `calendar` is open."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._spans: dict[int, tuple[tuple[Micros, Micros], ...]] = {}

    def add(self, start: Micros, duration: Micros) -> Micros:
        """When `duration` of open time has passed since `start`; outside hours the clock starts at the next opening.

        Raises OverflowError if the office does not open for ten years.
        """
        left = duration
        day = _day_before(start)
        closed_days = 0
        while closed_days < _FOREVER:
            spans = self._open(day)
            for opens, closes in spans:
                if closes <= start:
                    continue
                begin = max(opens, start)
                if begin + left <= closes:
                    return begin + left
                left -= closes - begin
            closed_days = 0 if spans else closed_days + 1
            day += 1
        raise OverflowError("the office never opens")

    def between(self, start: Micros, end: Micros) -> Micros:
        """Open time from `start` to `end`; 0 if `end` is not later."""
        total = 0
        day = _day_before(start)
        last = _EPOCH_DAY + end // DAY + 1
        while day <= last:
            total += sum(max(0, min(closes, end) - max(opens, start)) for opens, closes in self._open(day))
            day += 1
        return total

    def _open(self, ordinal: int) -> tuple[tuple[Micros, Micros], ...]:
        spans = self._spans.get(ordinal)
        if spans is None:
            day = date.fromordinal(ordinal)
            if len(self._spans) > 20_000:  # impossible dates must not fill the memory
                self._spans.clear()
            spans = self._spans[ordinal] = tuple(
                (opens, closes)
                for since, until in self._calendar.openings(day)
                if (opens := self._utc(day, since)) < (closes := self._utc(day, until))
            )
        return spans

    def _utc(self, day: date, minute: int) -> Micros:
        midnight = datetime(day.year, day.month, day.day, tzinfo=self._calendar.zone)
        local = (midnight.replace(tzinfo=None) + timedelta(minutes=minute)).replace(tzinfo=midnight.tzinfo)
        return (local.astimezone(UTC) - _EPOCH) // _MICROSECOND


def _day_before(time: Micros) -> int:
    """Ordinal of the day before `time` in UTC: no zone is behind by more."""
    return _EPOCH_DAY + time // DAY - 1


class Office:
    """A calendar and its clock."""

    def __init__(self, calendar: Calendar) -> None:
        self.business_day = calendar.business_day
        self._clock = BusinessClock(calendar)

    def after(self, start: Micros, duration: Duration, share: float = 1.0) -> Micros:
        """`share` of `duration` after `start`, on the duration's own clock."""
        length = round(duration.length(self.business_day) * share)
        return self._clock.add(start, length) if duration.clock == "business" else start + length

    def between(self, start: Micros, end: Micros) -> Micros:
        """Open time from `start` to `end`; 0 if `end` is not later."""
        return self._clock.between(start, end)


class Offices:
    """Whose clock runs: the owner's own calendar, else that of the lead's region, else the company's."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._offices = {name: Office(calendar) for name, calendar in definition.calendars.items()}

    def of(self, owner: str, region: str) -> Office:
        definition = self._definition
        name = definition.owner_calendars.get(owner)
        if name is None:
            known = definition.regions.get(region)
            name = known.calendar if known else definition.calendar
        return self._offices[name]
