"""`funnelwatch identity show`: who is known by a name, and why these are one person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from deploy.identity.person import Person, read_person
from deploy.identity.who import Who, ask, identified, lead_of, nobody
from deploy.identity.words import at, called, in_full, section, sections
from deploy.settings import Settings
from sinks.reader import BoardsReader
from streams.definition.load import load_definition

_ORDERS_SHOWN = 20


def show(settings: Settings, asked: str) -> str:
    """The text for people. Raises UnknownLead, QueryError, SettingsError."""
    rules = load_definition(settings.definition).identity_rules
    with closing(BoardsReader(settings.boards_address)) as reader:
        who = identified(reader, asked, settings)
        lead = lead_of(reader, who)
        if not lead:
            raise nobody(who.asked)
        person = read_person(reader, lead)
        lines = [
            *_named(who),
            _stands(reader, lead),
            *sections(person, rules),
            *section("Orders that moved somebody, last 30 days", _orders(reader, person)),
        ]
        return "\n".join(lines)


def _named(who: Who) -> Iterator[str]:
    if who.identifier:
        yield f"{who.asked} is {in_full(who.identifier)}" + (", a role inbox: it joins nobody" if who.weak else "")


def _stands(reader: BoardsReader, lead: str) -> str:
    sql = "SELECT stage, stage_since, owner, account FROM boards.leads WHERE lead_id = {v:String}"
    if not (rows := ask(reader, sql, v=lead)):
        return f"Lead {lead}: has done nothing yet that boards show"
    row = rows[0]
    owner, account = (f", {name} {row[name]}" if row[name] else "" for name in ("owner", "account"))
    return f"Lead {lead}: {row['stage']} since {at(row['stage_since'])}{owner}{account}"


def _orders(reader: BoardsReader, person: Person) -> Iterator[str]:
    sql = f"""
        SELECT at, what, a, groupUniqArray(from_lead) AS left, groupUniqArray(to_lead) AS joined
        FROM boards.identity_changes
        WHERE what IN ('blocked', 'unblocked') AND b = ''
            AND (has({{v:Array(String)}}, a) OR from_lead = {{lead:String}} OR to_lead = {{lead:String}})
        GROUP BY at, what, a, event ORDER BY at DESC LIMIT {_ORDERS_SHOWN}"""
    for row in ask(reader, sql, v=sorted(person.identifiers), lead=person.lead):
        moved = f"{', '.join(sorted(row['left']))} to {', '.join(sorted(row['joined']))}"
        yield f"{at(row['at'])}  {called(row['a'])} {row['what']}: moved from {moved}"
