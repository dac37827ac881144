"""`funnelwatch explain`: the journey of one lead, each fact with the events behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from deploy.identity.person import read_person
from deploy.identity.who import Row, UnknownLead, ambiguous, ask, lead_of, nobody, spelled
from deploy.identity.words import at, section, sections
from deploy.settings import Settings
from sinks.reader import BoardsReader
from streams.definition.load import load_definition
from streams.identity.identifiers import IdentityRules
from streams.journey.explain import explain as sentence
from streams.model import Micros

__all__ = ["UnknownLead", "ambiguous", "explain"]

_EVENTS_SHOWN = 200


def explain(settings: Settings, asked: str) -> str:
    """The text for people. Raises UnknownLead, QueryError, SettingsError."""
    asked = asked.strip()
    if not asked:
        raise UnknownLead("explain whom? a lead id, a CRM record id or an e-mail is needed")
    rules = load_definition(settings.definition).identity_rules
    with closing(BoardsReader(settings.boards_address)) as reader:
        return "\n".join(_Story(reader, _find(reader, settings, asked), rules).lines())


def _find(reader: BoardsReader, settings: Settings, asked: str) -> str:
    """The lead's id. A bare word is a record id, of a CRM lead, a contact, or a deal."""
    who = spelled(asked, settings)
    found = [lead_of(reader, who)] if who.lead or who.identifier else _of_record(reader, asked)
    if not found or not found[0]:
        raise _account_alone(reader, asked) or nobody(asked)
    if len(found) > 1:
        raise ambiguous(asked, found)
    if not ask(reader, "SELECT 1 FROM boards.leads WHERE lead_id = {v:String}", v=found[0]):
        raise UnknownLead(
            f"{asked} has done nothing yet that boards show; funnelwatch identity show says what is known"
        )
    return found[0]


def _of_record(reader: BoardsReader, record_id: str) -> list[str]:
    sql = """
        SELECT lead_id FROM boards.lead_identifiers WHERE record_id = {v:String}
        UNION DISTINCT SELECT lead_id FROM boards.identities WHERE record_id = {v:String}
        UNION DISTINCT SELECT lead_id FROM boards.deals WHERE deal_id = {v:String} AND lead_id != ''
        UNION DISTINCT SELECT lead_id FROM boards.leads WHERE crm_record_id = {v:String}"""
    return sorted(str(row["lead_id"]) for row in ask(reader, sql, v=record_id))


def _account_alone(reader: BoardsReader, deal_id: str) -> UnknownLead | None:
    rows = ask(reader, "SELECT account FROM boards.deals WHERE deal_id = {v:String} AND lead_id = ''", v=deal_id)
    if not rows:
        return None
    account = f"account {rows[0]['account']}" if rows[0]["account"] else "an account that is not known"
    return UnknownLead(f"{deal_id} is a deal of {account} alone: no person is known whose it is")


class _Story:
    def __init__(self, reader: BoardsReader, lead: str, rules: IdentityRules) -> None:
        self._reader, self._lead, self._rules = reader, lead, rules
        self._now = _micros(reader.query("SELECT funnel_now()").rows[0][0])
        self._events = self._rows("lead_events", "occurred_at, recorded_at, cause")
        self._by_key = {row["cause"]: row for row in self._events}

    def lines(self) -> list[str]:
        return [
            *self._head(),
            *sections(read_person(self._reader, self._lead), self._rules),
            *section(f"Events ({len(self._events)})", self._event_lines()),
            *section("Stages", self._facts(self._stage, "stage_entries", "entered_at, cycle")),
            *section("Obligations", self._facts(self._obligation, "obligations", "opened_at, due_at, kind")),
            *section("Marketing touches", self._facts(_touch, "touches", "occurred_at")),
            *section("Activities", self._facts(_activity, "activities", "occurred_at")),
            *section("Deals", self._facts(_deal, "deals", "created_at")),
        ]

    def _rows(self, view: str, order: str) -> list[Row]:
        sql = f"SELECT * FROM boards.{view} WHERE lead_id = {{lead:String}} ORDER BY {order}"
        return ask(self._reader, sql, lead=self._lead)

    def _facts(self, line: Callable[[Row], str], view: str, order: str) -> Iterator[str]:
        return (line(row) + _then(row) for row in self._rows(view, order))

    def _head(self) -> list[str]:
        lead = self._rows("lead_details", "lead_id")[0]
        facts = ("owner", "channel", "origin", "company", "account", "size_band", "industry", "region", "crm_record_id")
        claims = {"claimed_by_sales": "sales claims", "claimed_by_marketing": "marketing claims"}
        return [
            f"Lead {self._lead}: {lead['stage']} since {at(lead['stage_since'])}, cycle {lead['cycle']}, "
            f"began {at(lead['began_at'])}, score {lead['score']:g}{', hot' if lead['hot'] else ''}",
            "  " + ", ".join(f"{name.replace('_', ' ')} {lead[name]}" for name in facts if lead[name]),
            *(f"  {words} {lead[name]}" for name, words in claims.items() if lead[name]),
            *_beyond_cap(lead["events_beyond_cap"]),
            f"  by definition {lead['definition_version']}, seen at {at(_datetime(self._now))}",
        ]

    def _event_lines(self) -> list[str]:
        shown = self._events[:_EVENTS_SHOWN]
        lines = [
            f"{at(row['occurred_at'])}  {row['type']:<20} {row['summary']}  [{_source(row)}]{_then(row)}"
            for row in shown
        ]
        if len(self._events) > len(shown):
            lines.append(f"... and {len(self._events) - len(shown)} more")
        return lines

    def _stage(self, row: Row) -> str:
        left = f", left {at(row['left_at'])} for {row['next']}" if row["left_at"] else ""
        notes = "".join(f", {note}" for note in ("skipped", "regressed") if row[note])
        return f"{at(row['entered_at'])}  {row['stage']}{left}{notes}  {self._because(row['cause'])}"

    def _obligation(self, row: Row) -> str:
        given = {name: _micros(value) if isinstance(value, datetime) else value for name, value in row.items()}
        given["end_kind"] = row["state"] if row["state"] in ("lost", "voided") else ""
        opened = row["opened_by_source"] or row["cause"]
        met = f"; met by {row['met_by_source'] or row['met_by']}" if row["met_at"] else ""
        return f"{sentence(given, self._now)}  [opened by {opened}{met}]"

    def _because(self, cause: str) -> str:
        event = self._by_key.get(cause)
        return f"[{event['summary']}: {_source(event)}]" if event else f"[{cause}]"


def _touch(row: Row) -> str:
    campaign = f" of {row['campaign']}" if row["campaign"] else ""
    said = f"{row['direction']} {row['kind']}{campaign}, {row['channel']}"
    return f"{at(row['occurred_at'])}  {said}  [{_source(row)}]"


def _activity(row: Row) -> str:
    who = f"{row['actor_role']} {row['actor']}".strip() or "somebody"
    how = "" if row["human"] else " by a machine"
    outcome = f", {row['outcome']}" if row["outcome"] else ""
    late = f", counts from {at(row['counts_from'])}" if row["counts_from"] != row["occurred_at"] else ""
    said = f"{row['direction']} {row['kind']}{how} by {who}{outcome}{late}"
    return f"{at(row['occurred_at'])}  {said}  [{_source(row)}]"


def _deal(row: Row) -> str:
    closed = f", closed {at(row['closed_at'])}" if row["closed_at"] else ""
    days = f" after {row['days_to_close']:g} days" if row["days_to_close"] is not None else ""
    before = ", before the first contact" if row["before_first_contact"] else ""
    reason = f", {row['reason']}" if row["reason"] else ""
    money = f"{row['amount']:,.2f} {row['currency']}".strip()
    stage = f" in {row['stage']}" if row["stage"] else ""
    return f"{row['deal_id']}: {row['kind']} {row['status']}{stage}, {money}{closed}{days}{before}{reason}"


def _then(row: Row) -> str:
    """Whose it was when it happened, if another lead's than today."""
    return f" (then {row['lead_then']})" if row["lead_then"] not in ("", row["lead_id"]) else ""


def _source(row: Mapping[str, Any]) -> str:
    return f"{row['source']}/{row['event_id']}" if row["event_id"] else str(row["source"])


def _micros(time: datetime) -> Micros:
    return round(time.timestamp() * 1_000_000)


def _datetime(time: Micros) -> datetime:
    return datetime.fromtimestamp(time / 1_000_000, UTC)


def _beyond_cap(events: int) -> list[str]:
    return [f"  {events} more events do not count: a lead has no more of each identifier"] if events else []
