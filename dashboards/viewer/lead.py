"""One lead: where it is, what is owed to it and why, and everything that happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards import words
from dashboards.macros import Scope
from dashboards.model import Field, Tone
from dashboards.viewer import format as say
from dashboards.viewer.look import crm_address
from dashboards.viewer.panels import Drawn, Painter
from dashboards.viewer.reader import Reader, Row, ask_named
from dashboards.viewer.why import who, why

_DEALS = (
    Field("deal_id", "Deal", "text"),
    Field("amount", "Amount", "money"),
    Field("status", "Status", "label"),
    Field("stage", "Deal stage", "label"),
    Field("owner", "Owner", "person"),
    Field("created_at", "Opened", "time"),
    Field("closed_at", "Closed", "time"),
)
_TOUCHES = (
    Field("occurred_at", "When", "time"),
    Field("kind", "What", "label"),
    Field("channel", "Channel", "channel"),
    Field("campaign", "Campaign", "label"),
    Field("direction", "Direction", "label"),
)
_IDENTIFIERS = (
    Field("kind", "Kind", "label"),
    Field("record_id", "CRM record", "crm"),
    Field("first_seen", "First seen", "time"),
)


@dataclass(frozen=True, slots=True)
class Owed:
    kind: str
    term: str
    state: str
    tone: Tone
    who: str
    why: str
    due: float  # due and done are percent of the time from opening to the last of due, done and now
    done: float
    unfinished: bool


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    term: str
    at: str
    lasted: str
    here: bool
    mark: str


@dataclass(frozen=True, slots=True)
class Event:
    at: str
    type: str
    summary: str
    source: str
    late: str


@dataclass(frozen=True, slots=True)
class LeadPage:
    name: str
    lead_id: str
    crm_href: str
    hot: bool
    stage: str
    stage_term: str
    facts: tuple[tuple[str, str], ...]
    owed: tuple[Owed, ...]
    stages: tuple[Stage, ...]
    events: tuple[Event, ...]
    deals: Drawn
    touches: Drawn
    identifiers: Drawn


def read_lead(reader: Reader, painter: Painter, lead_id: str) -> LeadPage | None:
    """Everything about one lead, None if there is none. Raises QueryFailed and BadValue."""
    scope = Scope(values={"lead": (lead_id,)})
    leads = ask_named(reader, "lead", scope)
    if not leads:
        return None
    lead, now = leads[0], painter.now

    def rows(name: str) -> list[Row]:
        return ask_named(reader, f"lead_{name}", scope)

    return LeadPage(
        name=str(lead["company"]) or f"Unnamed, {lead_id[:7]}",
        lead_id=lead_id,
        crm_href=crm_address(painter.crm_url, str(lead["crm_record_id"])),
        hot=bool(lead["hot"]),
        stage=words.stage(str(lead["stage"])),
        stage_term=words.stage_term(str(lead["stage"])),
        facts=tuple(_facts(lead, now)),
        owed=tuple(_owed(row, now) for row in rows("obligations")),
        stages=tuple(_stages(rows("stages"), now)),
        events=tuple(_event(row, now) for row in rows("events")),
        deals=painter.listed(_DEALS, rows("deals")),
        touches=painter.listed(_TOUCHES, rows("touches")),
        identifiers=painter.listed(_IDENTIFIERS, rows("identifiers")),
    )


def _facts(lead: Row, now: datetime | None) -> list[tuple[str, str]]:
    found = [
        ("Owner", str(lead["owner"]) or "No owner yet"),
        ("Channel", say.plain("channel", lead["channel"], lead)),
        ("Found by", say.plain("origin", lead["origin"], lead)),
        ("Marketing says", words.readable(str(lead["claimed_by_marketing"]))),
        ("Sales says", words.readable(str(lead["claimed_by_sales"]))),
        ("Region", words.region(str(lead["region"]))),
        ("Industry", str(lead["industry"])),
        ("Company size", words.size(str(lead["size_band"]))),
        ("Score", say.count(lead["score"])),
        ("Began", say.moment(lead["began_at"], now)),
        ("Last heard of", say.moment(lead["last_event_at"], now)),
        ("CRM record", str(lead["crm_record_id"]) or "none yet"),
        ("Not counted", f"{lead['events_beyond_cap']:,} events too many" if lead["events_beyond_cap"] else ""),
        (
            "Rules",
            str(lead["definition_version"])
            + ("" if lead["definition_signed"] else ", not signed by both marketing and sales"),
        ),
    ]
    return [(name, text) for name, text in found if text]


def _owed(row: Row, now: datetime | None) -> Owed:
    state = str(row["state"])
    opened, due = say.utc(row["opened_at"]), say.utc(row["due_at"])
    ended = row["met_at"] if state in ("met", "recovered") else row["ended_at"]
    end = say.utc(ended or row["now"])
    span = max((max(due, end) - opened).total_seconds(), 1.0)

    def at(time: datetime) -> float:
        return round(100 * max(0.0, (time - opened).total_seconds()) / span, 2)

    return Owed(
        kind=say.plain("kind", row["kind"], row),
        term=words.readable(str(row["kind"])),
        state=words.state(state),
        tone=say.tone_of_state(state),
        who=who(row),
        why=why(row, now),
        due=at(due),
        done=at(end),
        unfinished=ended is None,
    )


def _stages(rows: Sequence[Row], now: datetime | None) -> list[Stage]:
    found = []
    for row in rows:
        left: Any = row["left_at"] or now
        minutes = (say.utc(left) - say.utc(row["entered_at"])).total_seconds() / 60 if left else None
        mark = "skipped" if row["skipped"] else "came back lower" if row["regressed"] else ""
        found.append(
            Stage(
                words.stage(str(row["stage"])),
                words.stage_term(str(row["stage"])),
                say.moment(row["entered_at"], now),
                say.duration(minutes),
                not row["next"] and not row["skipped"] and not row["regressed"],
                mark,
            )
        )
    return found


def _event(row: Row, now: datetime | None) -> Event:
    late = (say.utc(row["recorded_at"]) - say.utc(row["occurred_at"])).total_seconds() / 60
    return Event(
        say.moment(row["occurred_at"], now),
        words.label(str(row["type"])),
        str(row["summary"]),
        f"{row['source']}/{row['event_id']}",
        f"logged {say.duration(late)} later" if late > 60 else "",
    )
