"""`funnelwatch explain`: the journey of one lead, each fact with the events behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from deploy.settings import Settings
from sinks.reader import BoardsReader
from streams.definition.load import load_definition
from streams.identity.identifiers import Hasher
from streams.journey.explain import explain as sentence
from streams.model import Micros

Row = dict[str, Any]
_LEAD_ID = re.compile(r"L[0-9a-f]{16}")
_EVENTS_SHOWN = 200
_HOPS = 5
_NAMED = 5
_MOST_JOINED = 200


class UnknownLead(LookupError):
    """Nobody, or more than one, is known by what was asked for; one line."""


def explain(settings: Settings, asked: str) -> str:
    """The text for people. Raises UnknownLead, QueryError, SettingsError."""
    asked = asked.strip()
    if not asked:
        raise UnknownLead("explain whom? a lead id, a CRM record id or an e-mail is needed")
    reader = BoardsReader(settings.boards_address)
    try:
        return "\n".join(_Story(reader, _find(reader, settings, asked)).lines())
    finally:
        reader.close()


def _find(reader: BoardsReader, settings: Settings, asked: str) -> str:
    """The lead's id. Record ids are looked up among CRM leads and contacts, then among deals."""
    if _LEAD_ID.fullmatch(asked):
        found = _leads(reader, "SELECT lead_id FROM boards.leads WHERE lead_id = {v:String}", asked)
    elif "@" in asked:
        sql = "SELECT lead_id FROM boards.lead_identifiers WHERE has({v:Array(String)}, identifier)"
        found = _leads(reader, sql, sorted(_joined(reader, _hashed(settings, asked))))
    else:
        sql = """
            SELECT lead_id FROM boards.lead_identifiers WHERE record_id = {v:String}
            UNION DISTINCT SELECT lead_id FROM boards.deals WHERE deal_id = {v:String} AND lead_id != ''
            UNION DISTINCT SELECT lead_id FROM boards.leads WHERE crm_record_id = {v:String}"""
        found = _leads(reader, sql, asked)
    if not found:
        raise UnknownLead(f"nobody is known as {asked}; a lead id begins with L, an e-mail holds an @")
    if len(found) > 1:
        raise ambiguous(asked, found)
    return found[0]


def ambiguous(asked: str, found: Sequence[str]) -> UnknownLead:
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    named = ", ".join(found[:_NAMED])
    return UnknownLead(f"{asked} stands for {len(found)} leads, ask for one of them: {named}{more}")


def _leads(reader: BoardsReader, sql: str, value: str | list[str]) -> list[str]:
    return sorted({str(row[0]) for row in reader.query(sql, {"v": value}).rows})


def _joined(reader: BoardsReader, identifier: str) -> set[str]:
    """The identifier and those that links in force join it to: one that only links has no facts of its own."""
    known, new = {identifier}, {identifier}
    sql = """
        SELECT a, b FROM boards.identity_links
        WHERE in_force AND (has({v:Array(String)}, a) OR has({v:Array(String)}, b))"""
    for _ in range(_HOPS):
        new = {str(one) for row in reader.query(sql, {"v": sorted(new)}).rows for one in row} - known
        known |= new
        if not new or len(known) > _MOST_JOINED:
            break
    return known


def _hashed(settings: Settings, email: str) -> str:
    settings.need("email_key")
    assert settings.email_key is not None
    rules = load_definition(settings.definition).identity_rules
    address = Hasher(settings.email_key.get_secret_value().encode(), rules).address(email)
    if address is None:
        raise UnknownLead(f"{email} can be nobody: malformed, blocked, or of our own or a test domain")
    return address.identifier


class _Story:
    def __init__(self, reader: BoardsReader, lead: str) -> None:
        self._reader, self._lead = reader, lead
        self._now = _micros(reader.query("SELECT funnel_now()").rows[0][0])
        self._events = self._rows("lead_events", "occurred_at, recorded_at, cause")
        self._by_key = {row["cause"]: row for row in self._events}

    def lines(self) -> list[str]:
        return [
            *self._head(),
            *_section("Known as", map(_identifier, self._rows("lead_identifiers", "first_seen, identifier"))),
            *_section(f"Events ({len(self._events)})", self._event_lines()),
            *_section("Stages", map(self._stage, self._rows("stage_entries", "entered_at, cycle"))),
            *_section("Obligations", map(self._obligation, self._rows("obligations", "opened_at, due_at, kind"))),
            *_section("Marketing touches", map(self._touch, self._rows("touches", "occurred_at"))),
            *_section("Activities", map(self._activity, self._rows("activities", "occurred_at"))),
            *_section("Deals", map(_deal, self._rows("deals", "created_at"))),
        ]

    def _rows(self, view: str, order: str) -> list[Row]:
        result = self._reader.query(
            f"SELECT * FROM boards.{view} WHERE lead_id = {{lead:String}} ORDER BY {order}", {"lead": self._lead}
        )
        return [dict(zip(result.columns, row, strict=True)) for row in result.rows]

    def _head(self) -> list[str]:
        lead = self._rows("lead_details", "lead_id")[0]
        facts = ("owner", "channel", "origin", "company", "account", "size_band", "industry", "region", "crm_record_id")
        claims = {"claimed_by_sales": "sales claims", "claimed_by_marketing": "marketing claims"}
        return [
            f"Lead {self._lead}: {lead['stage']} since {_time(lead['stage_since'])}, cycle {lead['cycle']}, "
            f"began {_time(lead['began_at'])}, score {lead['score']:g}{', hot' if lead['hot'] else ''}",
            "  " + ", ".join(f"{name.replace('_', ' ')} {lead[name]}" for name in facts if lead[name]),
            *(f"  {words} {lead[name]}" for name, words in claims.items() if lead[name]),
            f"  by definition {lead['definition_version']}, seen at {_time(_datetime(self._now))}",
        ]

    def _event_lines(self) -> list[str]:
        shown = self._events[:_EVENTS_SHOWN]
        lines = [f"{_time(row['occurred_at'])}  {row['type']:<20} {row['summary']}  [{_source(row)}]" for row in shown]
        if len(self._events) > len(shown):
            lines.append(f"... and {len(self._events) - len(shown)} more")
        return lines

    def _stage(self, row: Row) -> str:
        left = f", left {_time(row['left_at'])} for {row['next']}" if row["left_at"] else ""
        notes = "".join(f", {note}" for note in ("skipped", "regressed") if row[note])
        return f"{_time(row['entered_at'])}  {row['stage']}{left}{notes}  {self._because(row['cause'])}"

    def _obligation(self, row: Row) -> str:
        given = {name: _micros(value) if isinstance(value, datetime) else value for name, value in row.items()}
        given["end_kind"] = row["state"] if row["state"] in ("lost", "voided") else ""
        opened = row["opened_by_source"] or row["cause"]
        met = f"; met by {row['met_by_source'] or row['met_by']}" if row["met_at"] else ""
        return f"{sentence(given, self._now)}  [opened by {opened}{met}]"

    def _touch(self, row: Row) -> str:
        campaign = f" of {row['campaign']}" if row["campaign"] else ""
        said = f"{row['direction']} {row['kind']}{campaign}, {row['channel']}"
        return f"{_time(row['occurred_at'])}  {said}  [{_source(row)}]"

    def _activity(self, row: Row) -> str:
        who = f"{row['actor_role']} {row['actor']}".strip() or "somebody"
        how = "" if row["human"] else " by a machine"
        outcome = f", {row['outcome']}" if row["outcome"] else ""
        late = f", counts from {_time(row['counts_from'])}" if row["counts_from"] != row["occurred_at"] else ""
        said = f"{row['direction']} {row['kind']}{how} by {who}{outcome}{late}"
        return f"{_time(row['occurred_at'])}  {said}  [{_source(row)}]"

    def _because(self, cause: str) -> str:
        event = self._by_key.get(cause)
        return f"[{event['summary']}: {_source(event)}]" if event else f"[{cause}]"


def _identifier(row: Row) -> str:
    name = row["record_id"] or row["identifier"].removeprefix("email:")
    return f"{row['kind']} {name} since {_time(row['first_seen'])}"


def _deal(row: Row) -> str:
    closed = f", closed {_time(row['closed_at'])}" if row["closed_at"] else ""
    days = f" after {row['days_to_close']:g} days" if row["days_to_close"] is not None else ""
    before = ", before the first contact" if row["before_first_contact"] else ""
    reason = f", {row['reason']}" if row["reason"] else ""
    money = f"{row['amount']:,.2f} {row['currency']}".strip()
    return f"{row['deal_id']}: {row['kind']} {row['status']} in {row['stage']}, {money}{closed}{days}{before}{reason}"


def _section(title: str, lines: Any) -> Sequence[str]:
    return [title, *(f"  {line}" for line in found)] if (found := list(lines)) else []


def _source(row: Mapping[str, Any]) -> str:
    return f"{row['source']}/{row['event_id']}" if row["event_id"] else str(row["source"])


def _time(time: datetime | None) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if time else "-"


def _micros(time: datetime) -> Micros:
    return round(time.timestamp() * 1_000_000)


def _datetime(time: Micros) -> datetime:
    return datetime.fromtimestamp(time / 1_000_000, UTC)
