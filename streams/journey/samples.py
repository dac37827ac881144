"""A few leads, told with the fields of public events, and what becomes of each by a definition.

Whoever changes a definition sees at once what it would have made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from streams.definition import Definition
from streams.identity.inbox import Brought
from streams.journey.obligations import state_at
from streams.journey.rows import RowMaker
from streams.model import LeadEvent, Micros, Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONDAY = datetime(2026, 3, 2)  # without holidays around it
_UNTIL = 30  # days after it, as of when is said what became of the lead


class Told(NamedTuple):
    """An event on a day after the Monday, at a local time where the definition's usual office is."""

    day: int
    clock: str
    type: str
    data: dict[str, Value]


class Sample(NamedTuple):
    name: str
    events: tuple[Told, ...]


class Outcome(NamedTuple):
    """`way`: stages in order. `owed`: kinds of obligations by state, as of 30 days after it began."""

    sample: Sample
    way: tuple[str, ...]
    origin: str
    owed: dict[str, list[str]]


def _lead(day: int, clock: str, kind: str, **data: Value) -> Told:
    """An event of the person's record in the CRM."""
    return Told(day, clock, kind, {"record_kind": "lead", "record_id": "00Q1", **data})


def _deal(day: int, clock: str, what: str, **data: Value) -> Told:
    said: dict[str, Value] = {"record_kind": "opportunity", "record_id": "0061", "lead_id": "00Q1"}
    return Told(day, clock, f"opportunity_{what}", {**said, **data})


def _visit(day: int, clock: str, **data: Value) -> Told:
    usual: dict[str, Value] = {"session_id": f"s{day}", "pages": 3, "pricing_pages": 0, "demo_pages": 0}
    return Told(day, clock, "session", {**usual, "rep_link": False, **data})


def _form(day: int, clock: str, kind: str, **data: Value) -> Told:
    return Told(day, clock, "form_submitted", {"form_kind": kind, **data})


def _call(day: int, clock: str, outcome: str, **data: Value) -> Told:
    said: dict[str, Value] = {"activity_kind": "call", "activity_outcome": outcome, "actor_id": "ann"}
    return _lead(day, clock, "activity_logged", **{**said, **data})


_ANN: dict[str, Value] = {"owner_id": "ann", "owner_kind": "person"}
_WHO: dict[str, Value] = {"company": "Kestrel", "company_size": "200", "job_title": "Head of Production"}
_AD: dict[str, Value] = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring"}
SAMPLES = (
    Sample(
        "asks for a demo, is called, buys",
        (
            _visit(0, "09:50", pages=6, pricing_pages=1, **_AD),
            _form(0, "10:00", "demo_request", **_WHO),
            _lead(0, "10:02", "lead_created", **_ANN),
            _call(0, "10:15", "connected"),
            _lead(1, "11:00", "accepted"),
            _lead(3, "10:00", "converted", contact_id="0031"),
            _deal(3, "15:00", "created", stage="offer", amount=24000.0, currency="EUR"),
            _deal(14, "12:00", "won", amount=22500.0, currency="EUR"),
        ),
    ),
    Sample(
        "asks for a demo, nobody calls",
        (_form(0, "10:00", "demo_request", **_AD, **_WHO), _lead(0, "10:02", "lead_created", **_ANN)),
    ),
    Sample(
        "asks for a demo, waits in a queue",
        (
            _form(0, "10:00", "demo_request", **_WHO),
            _lead(0, "10:02", "lead_created", owner_id="inbound", owner_kind="queue"),
        ),
    ),
    Sample("fills in a form that no CRM hears of", (_visit(0, "09:58"), _form(0, "10:00", "contact"))),
    Sample(
        "reads now and then, is forgotten",
        (_form(0, "10:00", "newsletter"), _lead(0, "10:05", "lead_created", **_ANN), _visit(20, "10:00")),
    ),
    Sample(
        "warms up slowly, is nurtured",
        (
            _form(0, "10:00", "content", **_WHO),
            _lead(0, "10:05", "lead_created", owner_id="marketing", owner_kind="queue"),
            _lead(2, "09:00", "nurture_entered", campaign="letter"),
            _visit(14, "11:00", pages=8, pricing_pages=2, utm_medium="email"),
            _form(15, "10:00", "event"),
            _lead(15, "10:03", "assigned", **_ANN),
        ),
    ),
    Sample(
        "is rejected without a word",
        (
            _form(0, "10:00", "contact", **_WHO),
            _lead(0, "10:02", "lead_created", **_ANN),
            _lead(1, "16:00", "rejected"),
        ),
    ),
    Sample(
        "not now, and back after a month",
        (
            _form(0, "10:00", "contact", utm_medium="email", **_WHO),
            _lead(0, "10:02", "lead_created", **_ANN),
            _call(0, "10:20", "connected"),
            _lead(1, "10:00", "rejected", reason="no budget this year", reason_class="budget"),
            _lead(1, "15:00", "recycled"),
            _form(28, "10:00", "demo_request"),
        ),
    ),
    Sample(
        "is found by a rep, and lost",
        (
            _lead(0, "10:00", "lead_created", created_how="manual", **_ANN, **_WHO),
            _call(0, "10:10", "no_answer", activity_direction="outbound"),
            _call(1, "14:00", "connected", activity_direction="outbound"),
            _lead(1, "14:30", "accepted"),
            _lead(2, "09:00", "converted", contact_id="0031"),
            _deal(2, "09:30", "created", stage="offer"),
            _deal(21, "16:00", "lost", reason="bought elsewhere", reason_class="competitor"),
        ),
    ),
    Sample(
        "comes by a partner; the CRM has a status only",
        (
            _form(0, "10:00", "contact", partner_code="P7", **_WHO),
            _lead(0, "10:02", "lead_created", status="New", **_ANN),
            _lead(0, "10:30", "status_changed", status="MQL"),
            _lead(1, "09:00", "status_changed", status="Accepted"),
            _lead(2, "09:00", "status_changed", status="Qualified"),
        ),
    ),
    Sample(
        "is a student, and junk",
        (
            _form(0, "10:00", "content", job_title="Student"),
            _lead(0, "10:02", "lead_created", **_ANN),
            _lead(0, "12:00", "rejected", reason="student", reason_class="junk"),
        ),
    ),
)


def outcomes(definition: Definition) -> Iterator[Outcome]:
    """What becomes of each sample."""
    maker = RowMaker(definition)
    zone = definition.calendars[definition.calendar].zone
    for sample in SAMPLES:
        events = [_event(number, told, zone) for number, told in enumerate(sample.events)]
        rows = maker.rows("sample", events, {"crm_lead:00Q1": Brought(events[0].occurred_at)})
        way = [key[2] for (table, key), row in rows.items() if table == "stage_entries" and not row["regressed"]]
        owed: dict[str, list[str]] = {}
        for (table, key), row in rows.items():
            if table == "obligations" and (state := state_at(row, _micros(_UNTIL, "10:00", zone))):
                owed.setdefault(state, []).append(key[1])
        yield Outcome(sample, tuple(way), str(rows["leads", ("sample",)]["origin"]), owed)


def _event(number: int, told: Told, zone: ZoneInfo) -> LeadEvent:
    at = _micros(told.day, told.clock, zone)
    data: dict[str, Any] = told.data
    return LeadEvent(f"{number:03}", told.type, at, at, "sample", f"{number}", "second", data)


def _micros(day: int, clock: str, zone: ZoneInfo) -> Micros:
    hour, minute = map(int, clock.split(":"))
    local = (_MONDAY + timedelta(days=day)).replace(hour=hour, minute=minute, tzinfo=zone)
    return (local.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
