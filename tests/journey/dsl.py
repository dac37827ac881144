"""A journey as lines, one event each:

    mon 09:00  visit pages=6 pricing_pages=1 utm_medium=cpc
    mon 09:05  form demo_request company_size=200
    mon 09:06  assigned ann
    tue 10:00  call by=ann

Days are of the week of Monday 2026-03-02 (`mon2` of the week after, `-mon` of the week before), or dates; times are
in Berlin, whose office hours the default calendar has. `logged=DAY/HH:MM` is when the event was recorded, `day` alone
makes it known by day only. Any other `name=value` is a field of the event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from streams.definition import Definition, load_definition
from streams.identity.inbox import Brought
from streams.journey.obligations import State, state_at
from streams.journey.rows import Columns, Key, rows_of
from streams.model import LeadEvent, Micros, Value

DEFINITION = load_definition(None)
LEAD = "L0000000000000001"
_MONDAY = datetime(2026, 3, 2, tzinfo=ZoneInfo("Europe/Berlin"))
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = re.compile(r"(-?)(mon|tue|wed|thu|fri|sat|sun)(\d*)")
_RECORD: dict[str, Value] = {"record_kind": "lead", "record_id": "00Q1"}
# word → event type, name of the field of a bare value, and what goes without saying
_WORDS: dict[str, tuple[str, str, dict[str, Value]]] = {
    "visit": ("session", "", {"session_id": "s1", "anonymous_id": "d1", "pages": 1}),
    "form": ("form_submitted", "form_kind", {}),
    "created": ("lead_created", "status", _RECORD),
    "updated": ("lead_updated", "status", _RECORD),
    "status": ("status_changed", "status", _RECORD),
    "assigned": ("assigned", "owner_id", _RECORD),
    "queued": ("assigned", "owner_id", {**_RECORD, "owner_kind": "queue"}),
    "accepted": ("accepted", "", _RECORD),
    "rejected": ("rejected", "reason", _RECORD),
    "recycled": ("recycled", "reason", _RECORD),
    "call": ("activity_logged", "activity_outcome", {**_RECORD, "activity_kind": "call"}),
    "mail": ("activity_logged", "activity_outcome", {**_RECORD, "activity_kind": "email"}),
    "response": ("campaign_response", "campaign", _RECORD),
    "email": ("marketing_email", "email_action", _RECORD),
    "nurture": ("nurture_entered", "campaign", _RECORD),
    "converted": ("converted", "contact_id", _RECORD),
    "deleted": ("deleted", "record_id", _RECORD),
    "merged": ("merged", "other_record_id", _RECORD),
    "unmerged": ("unmerged", "other_record_id", _RECORD),
    "deal": ("opportunity_created", "stage", {}),
    "step": ("opportunity_stage_changed", "stage", {}),
    "won": ("opportunity_won", "amount", {}),
    "lost": ("opportunity_lost", "reason", {}),
}
_SHORT = {"by": "actor_id", "role": "actor_role", "direction": "activity_direction", "human": "activity_human"}


def when(day: str, clock: str) -> Micros:
    """'tue', '10:00' → UTC microseconds."""
    found = _DAY.fullmatch(day)
    if found:
        weeks = -1 if found[1] else int(found[3] or 1) - 1
        midnight = _MONDAY + timedelta(weeks=weeks, days=_DAYS.index(found[2]))
    else:
        midnight = datetime.fromisoformat(day).replace(tzinfo=_MONDAY.tzinfo)
    hours, minutes, *seconds = map(int, clock.split(":"))
    local = midnight.replace(hour=hours, minute=minutes, second=seconds[0] if seconds else 0)
    return (local.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def at(text: str) -> Micros:
    day, clock = text.split()
    return when(day, clock)


def shown(time: Micros | None) -> str:
    """The inverse of `at`, for the fortnight of the tests: '-' if there is no time."""
    if time is None:
        return "-"
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)).astimezone(_MONDAY.tzinfo)
    week = (local.date() - _MONDAY.date()).days // 7
    if not 0 <= week < 9:
        return local.strftime("%Y-%m-%d %H:%M")
    return f"{_DAYS[local.weekday()]}{week + 1 if week else ''} {local:%H:%M}"


def events_of(text: str) -> list[LeadEvent]:
    """The event of line n (from 1) has key 'n'."""
    lines = [line.split("#")[0].split() for line in text.strip().splitlines()]
    return [_event(number, words) for number, words in enumerate(filter(None, lines), 1)]


def _event(number: int, words: list[str]) -> LeadEvent:
    day, clock, word, *rest = words
    kind, bare, said = _WORDS[word]
    data: dict[str, Value] = dict(said)
    occurred = recorded = when(day, clock)
    precision: Literal["second", "day"] = "second"
    for part in rest:
        name, is_field, value = part.partition("=")
        if name == "day" and not is_field:
            precision = "day"
        elif name == "logged":
            recorded = when(*value.split("/"))
        elif is_field:
            data[_SHORT.get(name, name)] = _value(value)
        else:
            data[bare] = _value(name)
    if kind.startswith("opportunity_"):
        deal = data.pop("deal", "006A")
        data |= {"record_kind": "opportunity", "record_id": deal}
    return LeadEvent(str(number), kind, occurred, recorded, "test", f"e{number}", precision, data)


def _value(text: str) -> Value:
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text)
    except ValueError:
        return text[1:].replace("_", " ") if text.startswith("'") else text


@dataclass(frozen=True)
class Told:
    """The rows of a journey, in words."""

    rows: dict[Key, Columns] = field(repr=False)

    @property
    def lead(self) -> Columns:
        return self.rows["leads", (LEAD,)]

    def table(self, name: str) -> dict[tuple[str, ...], Columns]:
        return {key[1:]: columns for (table, key), columns in self.rows.items() if table == name}

    @property
    def way(self) -> str:
        """Stages in order: 'inquiry > mql (skipped) > …'; a new cycle is marked by '|'."""
        entries = [(columns, stage) for (_, stage), columns in self.table("stage_entries").items()]
        parts: list[str] = []
        cycle = 1
        for columns, stage in entries:
            marks = [name for name in ("skipped", "regressed") if columns[name]]
            if parts:
                parts.append("|" if columns["cycle"] > cycle else ">")
            cycle = columns["cycle"]
            parts.append(stage + (f" ({marks[0]})" if marks else ""))
        return " ".join(parts)

    def owed(self, kind: str) -> list[Columns]:
        found = [{"kind": kind, **columns} for (name, _), columns in self.table("obligations").items() if name == kind]
        return sorted(found, key=lambda columns: int(columns["opened_at"]))

    def obligation(self, kind: str) -> Columns:
        (only,) = self.owed(kind)
        return only

    def times(self, kind: str) -> str:
        """'opened → due, met …' of the only obligation of the kind."""
        row = self.obligation(kind)
        text = f"{shown(row['opened_at'])} → {shown(row['due_at'])}"
        if row["met_at"] is not None:
            text += f", met {shown(row['met_at'])}" + (f" ({row['note']})" if row["note"] else "")
        if row["ended_at"] is not None:
            text += f", {row['end_kind']} {shown(row['ended_at'])}"
            text += f" ({row['void_reason']})" if row["void_reason"] else ""
        return text

    def state(self, kind: str, time: str) -> State | None:
        return state_at(self.obligation(kind), at(time))


def journey(text: str, definition: Definition = DEFINITION, nodes: Mapping[str, Brought] | None = None) -> Told:
    events = events_of(text)
    first = min(event.occurred_at for event in events)
    return Told(rows_of(definition, LEAD, events, nodes or {"crm_lead:00Q1": Brought(first)}))
