"""The messages between the steps of identity, in the shapes of schemas/internal/{identity,links,lead}.avsc."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from streams.model import Micros, Record, Send

FOREVER = 2**63 - 1  # the version of a withdrawal that nothing overrides


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
    return Send("identity", identifier, {"source_at": source_at, "item": said, "link": None, "assignment": None})


def link(
    identifier: str, other: str, kind: Literal["routine", "merge", "unmerge"], mark: Record, source_at: Micros
) -> Send:
    """To an identifier: `other` is (no more) the same person. mark: at, event_key, source, event_id."""
    said = {"other": other, "kind": kind, "mark": mark}
    return Send("identity", identifier, {"source_at": source_at, "item": None, "link": said, "assignment": None})


def assignment(identifier: str, lead: str, version: int, members: Sequence[str], source_at: Micros) -> Send:
    """To an identifier: you belong to this lead, with these."""
    said = {"lead": lead, "version": version, "members": list(members)}
    return Send("identity", identifier, {"source_at": source_at, "item": None, "link": None, "assignment": said})


def evidence(
    a: str, b: str, first: Record | None, merge: Record | None, unmerge: Record | None, source_at: Micros
) -> Send:
    """To the resolver: what is known of a pair, in any order of the two."""
    a, b = sorted((a, b))
    registers = {"source_at": source_at, "a": a, "b": b, "first": first, "merge": merge, "unmerge": unmerge}
    return Send("links", f"{a}|{b}", registers)


def contribution(
    lead: str, node: str, version: int, items: Sequence[tuple[str, Sequence[Record] | None]], full: bool, at: Micros
) -> Send:
    """To a lead: what an identifier brings; full: and nothing else that it brought before."""
    said = [{"item": name, "events": events} for name, events in items]
    message = {"source_at": at, "node": node, "node_version": version, "full": full, "items": said}
    return Send("lead", lead, message)
