"""Whom somebody means: an e-mail address, a CRM record, a lead; as people type it, and as boards know it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from deploy.settings import Settings
from sinks.reader import BoardsReader
from streams.definition.load import load_definition
from streams.identity.identifiers import Hasher

Row = dict[str, Any]
_LEAD_ID = re.compile(r"L[0-9a-f]{16}")
_HASHED = re.compile(r"email:[0-9a-f]{32}")  # as boards name an address
_RECORD = re.compile(r"(?:crm_)?(lead|contact):(.*)", re.IGNORECASE | re.DOTALL)
_NAMED = 5


class UnknownLead(LookupError):
    """Nobody, or more than one, is known by what was asked for; one line."""


class Who(NamedTuple):
    """Nothing but `asked` is set where it is a bare word. `record_kind` and `record_id` are those of an order's event;
    empty where only the hash of an address is known."""

    asked: str
    lead: str = ""
    identifier: str = ""
    record_kind: str = ""
    record_id: str = ""
    weak: bool = False
    """A role inbox, which joins nobody."""


def spelled(asked: str, settings: Settings) -> Who:
    """What its spelling says. Raises UnknownLead, SettingsError."""
    asked = asked.strip()
    if not asked:
        raise UnknownLead("who? an e-mail address, lead:ID, contact:ID, a CRM record id or a lead id is needed")
    if _LEAD_ID.fullmatch(asked):
        return Who(asked, lead=asked)
    if _HASHED.fullmatch(asked):
        return Who(asked, identifier=asked)
    rules = load_definition(settings.definition).identity_rules
    if record := _RECORD.fullmatch(asked):
        kind, name = record[1].lower(), record[2].strip()
        if rules.is_blocked(name):
            raise UnknownLead(f"{asked} can be nobody: such an id says nothing")
        return Who(asked, "", f"crm_{kind}:{name}", kind, name)
    if "@" not in asked:
        return Who(asked)
    settings.need("email_key")
    assert settings.email_key is not None
    address = Hasher(settings.email_key.get_secret_value().encode(), rules).address(asked)
    if address is None:
        raise UnknownLead(f"{asked} can be nobody: malformed, blocked, or of our own or a test domain")
    return Who(asked, "", address.identifier, "email", asked, address.weak)


def identified(reader: BoardsReader, asked: str, settings: Settings) -> Who:
    """The same, and a bare word is the CRM record of that id. Raises UnknownLead, SettingsError, QueryError."""
    who = spelled(asked, settings)
    if who.lead or who.identifier:
        return who
    sql = """
        SELECT kind FROM boards.lead_identifiers WHERE record_id = {v:String}
        UNION DISTINCT SELECT kind FROM boards.identities WHERE record_id = {v:String}"""
    kinds = sorted(str(row["kind"]).removeprefix("crm_") for row in ask(reader, sql, v=who.asked))
    spellings = " or ".join(f"{kind}:{who.asked}" for kind in kinds or ("lead", "contact"))
    if not kinds:
        raise UnknownLead(f"no CRM record {who.asked} is known; if it is one all the same, say {spellings}")
    if len(kinds) > 1:
        raise UnknownLead(f"{who.asked} is a lead and a contact of the CRM; say {spellings}")
    return spelled(spellings, settings)


def leads_of(reader: BoardsReader, identifier: str) -> list[str]:
    """Its lead; none if it is not known, more for the moment in which it moves."""
    sql = """
        SELECT lead_id FROM boards.lead_identifiers WHERE identifier = {v:String}
        UNION DISTINCT SELECT lead_id FROM boards.identities WHERE identifier = {v:String}"""
    return sorted(str(row["lead_id"]) for row in ask(reader, sql, v=identifier))


def lead_of(reader: BoardsReader, who: Who) -> str:
    """'' if nothing is known of who was identified. Raises UnknownLead."""
    if who.lead:
        sql = """
            SELECT lead_id FROM boards.leads WHERE lead_id = {v:String}
            UNION DISTINCT SELECT lead_id FROM boards.identities WHERE lead_id = {v:String}"""
        return who.lead if ask(reader, sql, v=who.lead) else ""
    found = leads_of(reader, who.identifier)
    if len(found) > 1:
        raise ambiguous(who.asked, found)
    return found[0] if found else ""


def nobody(asked: str) -> UnknownLead:
    return UnknownLead(f"nobody is known as {asked}; a lead id begins with L, an e-mail holds an @")


def ambiguous(asked: str, found: Sequence[str]) -> UnknownLead:
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    named = ", ".join(found[:_NAMED])
    return UnknownLead(f"{asked} stands for {len(found)} leads, ask for one of them: {named}{more}")


def ask(reader: BoardsReader, sql: str, **parameters: Any) -> list[Row]:
    """Rows by column. Raises QueryError."""
    result = reader.query(sql, parameters)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]
