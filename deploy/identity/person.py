"""One lead as boards know it: its identifiers, what links them, and by which events."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from deploy.identity.who import ask
from sinks.reader import BoardsReader

SHOWN = 20  # links that do not count; a hub has thousands


class Identifier(NamedTuple):
    """`why` it is alone although it has links: hub, blocked, oversize or ''."""

    name: str
    lead: str
    why: str = ""
    linked_at: datetime | None = None
    since: datetime | None = None
    """Of its first event or link."""

    @property
    def seniority(self) -> tuple[datetime, bool, str]:
        """By which the resolver chooses a lead's root among those that were linked."""
        assert self.linked_at is not None
        return self.linked_at, not self.name.startswith("email:"), self.name


class Link(NamedTuple):
    """As in boards.identity_links; the events are keys in boards.lead_events."""

    a: str
    b: str
    first_at: datetime | None
    merged_at: datetime | None
    unmerged_at: datetime | None
    in_force: bool
    effective: bool
    first_event: str
    merge_event: str
    unmerge_event: str


class Event(NamedTuple):
    source: str
    event_id: str
    type: str
    identifier: str
    """Whose event it is."""


@dataclass(frozen=True, slots=True)
class Person:
    """`links` name at least one of `identifiers`, in order of time; `others` are the further ends of some of them."""

    lead: str
    identifiers: dict[str, Identifier]
    links: list[Link]
    others: dict[str, Identifier]
    events: dict[str, Event]

    def root(self) -> str:
        """The one that the lead's id is made of."""
        return root_of(self.identifiers.values())

    def joining(self) -> list[Link]:
        """The links by which these became one, in order of time; those are left out that joined nobody new."""
        return joining(self.identifiers, self.links)

    def idle(self) -> list[Link]:
        """Links that do not count."""
        return [link for link in self.links if not link.effective]

    def known(self, name: str) -> Identifier:
        return self.identifiers.get(name) or self.others.get(name) or Identifier(name, "")


def root_of(person: Collection[Identifier]) -> str:
    """Of those who are one lead, the one that its id is made of."""
    linked = [one.seniority for one in person if one.linked_at is not None]
    return min(linked)[-1] if linked else min(one.name for one in person)


def joining(names: Iterable[str], links: Iterable[Link]) -> list[Link]:
    """As Person.joining; links in order of time."""
    group = {name: {name} for name in names}
    found = []
    for link in links:
        if link.effective and link.a in group and link.b in group and group[link.a] is not group[link.b]:
            found.append(link)
            group[link.a] |= group[link.b]
            group.update(dict.fromkeys(group[link.b], group[link.a]))
    return found


def read_person(reader: BoardsReader, lead: str) -> Person:
    """Raises QueryError. Without identifiers if there is no such lead."""
    sql = "SELECT identifier, first_seen FROM boards.lead_identifiers WHERE lead_id = {v:String}"
    since = {row["identifier"]: row["first_seen"] for row in ask(reader, sql, v=lead)}
    sql = "SELECT identifier, lead_id, why, linked_at FROM boards.identities WHERE lead_id = {v:String}"
    mine = _identities(reader, sql, lead)
    for name in since.keys() | mine.keys():
        one = mine.get(name, Identifier(name, lead))
        mine[name] = one._replace(since=since.get(name, one.linked_at))
    links = links_of(reader, mine)
    shown = [*joining(mine, links), *[link for link in links if not link.effective][:SHOWN]]
    others = read_identities(reader, {end for link in shown for end in (link.a, link.b)} - mine.keys())
    return Person(lead, mine, links, others, _events(reader, {lead, *(one.lead for one in others.values())}, shown))


def links_of(reader: BoardsReader, names: Collection[str], only: str = "true") -> list[Link]:
    """Every link that names one of these, in order of time; `only`: a condition on it."""
    sql = f"""
        SELECT {", ".join(Link._fields)} FROM boards.identity_links
        WHERE (has({{v:Array(String)}}, a) OR has({{v:Array(String)}}, b)) AND {only}
        ORDER BY ifNull(first_at, unmerged_at), a, b"""
    return [Link(**row) for row in ask(reader, sql, v=sorted(names))]


def read_identities(reader: BoardsReader, names: Collection[str]) -> dict[str, Identifier]:
    """Of these as far as they are known."""
    sql = "SELECT identifier, lead_id, why, linked_at FROM boards.identities WHERE has({v:Array(String)}, identifier)"
    return _identities(reader, sql, sorted(names)) if names else {}


def _identities(reader: BoardsReader, sql: str, value: str | list[str]) -> dict[str, Identifier]:
    return {
        row["identifier"]: Identifier(row["identifier"], row["lead_id"], row["why"], row["linked_at"])
        for row in ask(reader, sql, v=value)
    }


def _events(reader: BoardsReader, leads: Iterable[str], links: Iterable[Link]) -> dict[str, Event]:
    keys = {key for link in links for key in (link.first_event, link.merge_event, link.unmerge_event) if key}
    if not keys:
        return {}
    sql = """
        SELECT cause, source, event_id, type, identifier FROM boards.lead_events
        WHERE has({leads:Array(String)}, lead_id) AND has({keys:Array(String)}, cause)"""
    rows = ask(reader, sql, leads=sorted(leads), keys=sorted(keys))
    return {row.pop("cause"): Event(**row) for row in rows}
