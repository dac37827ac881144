"""Reads story.md: its events, in the order in which they arrive, and its tables of what must come of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from streams.model import Micros, Record

TEXT = Path(__file__).with_name("story.md").read_text()
FORMS = frozenset({"demo_request", "contact", "content", "event", "imported_list"})
CRM_KINDS = {"lead": "lead", "contact": "contact", "deal": "opportunity", "email": "email"}
BERLIN = ZoneInfo("Europe/Berlin")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Event(NamedTuple):
    """`topic`: web, form or crm; `record` has the shape of schemas/events/<topic>.avsc, only fields with a value."""

    number: str
    topic: str
    key: bytes
    record: Record
    whose: str


def moment(text: str) -> Micros:
    """'Mon 2 Mar 10:00', in Berlin, of 2026 unless it says a year. A weekday that is not that day's is a mistake."""
    weekday, day, month, *year, clock = text.split()
    local = datetime.strptime(f"{day} {month} {year[0] if year else 2026} {clock}", "%d %b %Y %H:%M")
    assert f"{local:%a}" == weekday, text
    return (local.replace(tzinfo=BERLIN).astimezone(UTC) - EPOCH) // MICROSECOND


def shown(time: Micros | None) -> str:
    """The inverse of `moment`; '' if there is no time."""
    if time is None:
        return ""
    local = (EPOCH + time * MICROSECOND).astimezone(BERLIN)
    return f"{local:%a} {local.day} {local:%b}{'' if local.year == 2026 else f' {local.year}'} {local:%H:%M}"


def tables() -> dict[str, list[dict[str, str]]]:
    """The lines of each table, by the heads of its columns, by the heading above it, in the order of the story."""
    found: dict[str, list[dict[str, str]]] = {}
    heading, heads = "", None
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("#"):
            heading, heads = line.lstrip("# "), None
        elif line.startswith("|") and heads is None:
            heads, found[heading] = cells, []
        elif line.startswith("|") and heads and not line.startswith("|-"):
            found[heading].append(dict(zip(heads, cells, strict=True)))
    return found


TABLES = tables()
AS_OF = moment(TEXT.split("as of **")[1].split("**")[0])


def _event(number: str, when: str, what: str, of: str, details: str, whose: str) -> Event:
    kind, _, name = of.partition(" ")
    record: Record = {"event_id": number, "type": what, "occurred_at": moment(when), "source": "site"}
    if kind in CRM_KINDS:
        topic, key = "crm", name
        record |= {"source": "crm", "record_kind": CRM_KINDS[kind], "record_id": name}
    else:
        topic, key = "form" if what in FORMS else "web", kind
        record |= {"email" if "@" in kind else "anonymous_id": kind, "session_id": name or None}
        if what in FORMS:
            record |= {"type": "form_submitted", "form_kind": what}
    for detail in filter(None, details.split("; ")):
        field, _, value = detail.partition("=")
        record[field] = _value(field, value)
    if "amount" in record:
        record["currency"] = "EUR"
    return Event(number, topic, key.encode(), record, whose)


def _value(field: str, text: str) -> Any:
    if field == "contacts":
        return [dict(zip(("contact_id", "role"), person.split(":"), strict=True)) for person in text.split(", ")]
    if field == "recorded_at":
        return moment(text)
    return float(text) if field == "amount" else text


EVENTS = [_event(*line.values()) for lines in TABLES.values() for line in lines if "#" in line]
