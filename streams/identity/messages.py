"""The messages between the steps of identity, in the shapes of schemas/internal/{identity,links,lead}.avsc."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from streams.identity.links import Orders, Registers
from streams.model import Micros, Record, Send

ORDERS = {"blocked": "block", "unblocked": "unblock", "erased": "erase"}  # by type of CRM event
FOREVER = 2**63 - 1  # the version of a withdrawal that nothing overrides


class Former(NamedTuple):
    """Until then, not including it, what an identifier did belonged to this lead."""

    until: Micros
    lead: str


def item(
    identifier: str,
    name: str,
    version: int,
    events: Sequence[Record] | None,
    source_at: Micros,
    requires: Sequence[str] = (),
) -> Send:
    """To an identifier: this is yours; events None: it is not."""
    said = {"item": name, "version": version, "events": events, "requires": list(requires)}
    return _to(identifier, source_at, item=said)


def link(
    identifier: str, other: str, kind: Literal["routine", "merge", "unmerge"], mark: Record, source_at: Micros
) -> Send:
    """To an identifier: `other` is (no more) the same person. mark: at, event_key."""
    return _to(identifier, source_at, link={"other": other, "kind": kind, "mark": mark})


def order(identifier: str, kind: str, mark: Record, source_at: Micros) -> Send:
    """To an identifier: you link nobody (block), may link again (unblock), or are to be forgotten (erase)."""
    return _to(identifier, source_at, order={"kind": kind, "mark": mark})


def assignment(
    identifier: str, lead: str, version: int, members: list[str], former: Sequence[Former], source_at: Micros
) -> Send:
    """To an identifier: you belong to this lead, with these; what you did before these times belonged to others."""
    said = {"lead": lead, "version": version, "members": members, "former": dump_former(former) if former else []}
    return _to(identifier, source_at, assignment=said)


def evidence(
    a: str, b: str, source_at: Micros, registers: Registers | None = None, orders: Orders | None = None
) -> Send:
    """To the resolver: what is known of a pair, in any order of the two; or, with no b, what was ordered of a."""
    a, b = (a, b) if not b else sorted((a, b))
    said = {**(registers or Registers())._asdict(), **(orders or Orders())._asdict()}
    return Send("links", f"{a}|{b}", {"source_at": source_at, "a": a, "b": b, **said})


def contribution(
    lead: str,
    node: str,
    version: int,
    items: Sequence[tuple[str, Sequence[Record] | None]],
    full: bool,
    former: Sequence[Former],
    at: Micros,
    beyond: int = 0,
) -> Send:
    """To a lead: what an identifier brings; full: and nothing else that it brought before. beyond: how many events it
    has beyond its share of the lead."""
    said = [{"item": name, "events": events} for name, events in items]
    message: Record = {"source_at": at, "node": node, "node_version": version, "full": full, "items": said}
    message["former"] = dump_former(former) if full else []
    message["beyond"] = beyond
    return Send("lead", lead, message)


def load_former(records: Sequence[Record]) -> tuple[Former, ...]:
    return tuple(Former(record["until"], record["lead"]) for record in records)


def dump_former(former: Sequence[Former]) -> list[Record]:
    return [{"until": until, "lead": lead} for until, lead in former]


def _to(
    identifier: str,
    source_at: Micros,
    item: Record | None = None,
    link: Record | None = None,
    assignment: Record | None = None,
    order: Record | None = None,
) -> Send:
    message = {"source_at": source_at, "item": item, "link": link, "assignment": assignment, "order": order}
    return Send("identity", identifier, message)
