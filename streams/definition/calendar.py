"""Office hours as the definition file writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, PlainValidator, WithJsonSchema

from streams.definition.duration import WallMicros, wall_text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Openings = tuple[tuple[int, int], ...]  # [from, to) in minutes of the local day, in order
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no time zone is called {name!r}") from error


def _week(hours: object) -> tuple[Openings, ...]:
    if not isinstance(hours, dict) or not hours:
        raise ValueError('office hours are written like {mon-fri: "09:00-17:00"}')
    week: list[Openings] = [()] * 7
    for days, spans in hours.items():
        openings = _openings([spans] if isinstance(spans, str) else spans)
        for day in _days(str(days)):
            week[day] = openings
    if not any(week):
        raise ValueError("the office never opens: nothing would ever be due")
    return tuple(week)


def _days(text: str) -> range:
    first, _, last = text.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(last or first) < DAYS.index(first):
        raise ValueError(f"{text!r} are no days; write e.g. mon-thu or fri")
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def _openings(spans: object) -> Openings:
    openings: list[tuple[int, int]] = []
    for span in spans if isinstance(spans, list) else [spans]:
        found = _HOURS.fullmatch(str(span))
        start, end = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
        if not start < end <= 24 * 60 or (openings and start < openings[-1][1]):
            raise ValueError(f'{span!r} are no hours; write e.g. "09:00-17:00", or a list of such in order')
        openings.append((start, end))
    return tuple(openings)


def _holidays(days: object) -> frozenset[date | tuple[int, int]]:
    if not isinstance(days, list):
        raise ValueError('holidays are a list of dates, or of "month-day" for every year')
    return frozenset(_holiday(day) for day in days)


def _holiday(day: object) -> date | tuple[int, int]:
    if isinstance(day, date):
        return day
    try:
        if _DATE.fullmatch(str(day)):  # in quotation marks, or from JSON
            return date.fromisoformat(str(day))
        yearly = date.fromisoformat(f"2024-{day}")  # a leap year: 02-29 may be a holiday
    except ValueError as error:
        raise ValueError(f'{day!r} is no holiday; write a date (2026-04-03) or "12-25" for every year') from error
    return yearly.month, yearly.day


_SPAN_SCHEMA = {"type": "string", "pattern": r"^\d\d:\d\d-\d\d:\d\d$"}
_WEEK_SCHEMA = {
    "type": "object",
    "description": "Office hours by weekday.",
    "examples": [{"mon-thu": "09:00-17:00", "fri": ["09:00-12:00", "13:00-15:00"]}],
    "propertyNames": {"pattern": f"^({'|'.join(DAYS)})(-({'|'.join(DAYS)}))?$"},
    "additionalProperties": {"anyOf": [_SPAN_SCHEMA, {"type": "array", "items": _SPAN_SCHEMA}]},
    "minProperties": 1,
}
_HOLIDAYS_SCHEMA = {
    "type": "array",
    "description": 'Dates, or "month-day" for every year.',
    "examples": [["01-01", "2026-04-03"]],
    "items": {"type": "string", "pattern": r"^(\d{4}-)?\d\d-\d\d$"},
}


class Calendar(BaseModel):
    """Office hours and holidays of a region; business time runs only while the office is open."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, use_attribute_docstrings=True)

    zone: Annotated[
        ZoneInfo,
        PlainValidator(_zone),
        WithJsonSchema({"type": "string", "description": "Time zone by its IANA name.", "examples": ["Europe/Berlin"]}),
    ]
    hours: Annotated[tuple[Openings, ...], PlainValidator(_week), WithJsonSchema(_WEEK_SCHEMA)]  # from Monday
    business_day: WallMicros
    """How long one business day is."""
    # a date, or (month, day) of every year
    holidays: Annotated[
        frozenset[date | tuple[int, int]], PlainValidator(_holidays), WithJsonSchema(_HOLIDAYS_SCHEMA)
    ] = frozenset()

    def openings(self, day: date) -> Openings:
        if day in self.holidays or (day.month, day.day) in self.holidays:
            return ()
        return self.hours[day.weekday()]

    def working_days(self, first: date, last: date) -> Iterator[date]:
        """The days from `first` to `last` on which the office opens."""
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if self.openings(day):
                yield day

    def written(self) -> dict[str, Any]:
        """As a definition file writes it."""
        holidays = [day.isoformat() if isinstance(day, date) else "{:02}-{:02}".format(*day) for day in self.holidays]
        return {
            "zone": self.zone.key,
            "hours": dict(self._spans_by_days()),
            "business_day": wall_text(self.business_day),
            "holidays": sorted(holidays),
        }

    def _spans_by_days(self) -> Iterator[tuple[str, str | list[str]]]:
        for openings, days in groupby(range(7), key=self.hours.__getitem__):
            first, *others = days
            spans = [_clock(*span) for span in openings]
            if spans:
                yield (
                    "-".join([DAYS[first], *map(DAYS.__getitem__, others[-1:])]),
                    spans if len(spans) > 1 else spans[0],
                )


def _clock(start: int, end: int) -> str:
    return "{:02}:{:02}-{:02}:{:02}".format(*divmod(start, 60), *divmod(end, 60))
