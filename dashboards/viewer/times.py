"""How fresh the boards are, and what time it is on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dashboards.macros import Scope
from dashboards.model import Tone
from dashboards.viewer import format as say
from dashboards.viewer.agreement import Agreement, read_agreement
from dashboards.viewer.reader import Reader, ask_named

LATE_S = 60
OTHER_CLOCK_S = 120


@dataclass(frozen=True, slots=True)
class Freshness:
    """`said` is the line on every page; `clock` is set where the boards' time is not the wall's, as in a demo.

    `error`: why the data cannot be reached; empty where it can.
    """

    said: str
    tone: Tone
    now: datetime | None = None
    clock: str = ""
    error: str = ""
    agreement: Agreement | None = None


def away(since: datetime, error: str) -> Freshness:
    """`since`: by the wall clock, which is all there is to go by then."""
    day = "" if since.date() == datetime.now(UTC).date() else f"{say.day(since)}, "
    return Freshness(f"The data cannot be reached since {day}{since:%H:%M} UTC", "leak", error=error)


def freshness(reader: Reader) -> Freshness:
    """With what was agreed, as both stand on every page. Raises QueryFailed."""
    return replace(_freshness(reader), agreement=read_agreement(reader))


def _freshness(reader: Reader) -> Freshness:
    rows = ask_named(reader, "data_as_of", Scope())
    now = say.utc(rows[0]["now"]) if rows else say.utc(ask_named(reader, "last_event", Scope())[0]["now"])
    apart = abs((now - datetime.now(UTC)).total_seconds())
    clock = f"Boards' time: {now:%a} {say.moment(now, now)} UTC" if apart > OTHER_CLOCK_S else ""
    if not rows:
        return Freshness("No worker has reported yet", "warn", now, clock)
    age = max(0, int(rows[0]["age_s"]))
    as_of = say.utc(rows[0]["as_of"])
    day = "" if as_of.date() == datetime.now(UTC).date() else f"{say.day(as_of)}, "
    at = f"Data as of {f'{age} s ago' if age > 1 else 'just now'}" if clock else f"Data as of {day}{as_of:%H:%M:%S} UTC"
    if age < LATE_S:
        return Freshness(at, "good", now, clock)
    late = f"{say.duration(age / 60)} behind"
    return Freshness(f"Data is {late}" if clock else f"{at}, {late}", "warn", now, clock)


def last_event(reader: Reader) -> Any:
    """When a lead was last heard of, or None."""
    return ask_named(reader, "last_event", Scope())[0]["at"]
