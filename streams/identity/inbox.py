"""What a lead has been told: the fold of its LeadMessages into the set of events that are present.

The rules make the fold independent of the order, repetition and age of messages, so a zombie's late message is
harmless: per node and item the newest node version counts, and nothing below a node's last full message does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from streams.identity.messages import Former, dump_former, load_former
from streams.model import LeadEvent, Micros, Record


@dataclass(slots=True)
class Item:
    """One item as last told; `events` None says that it was withdrawn, kept so that older messages stay old."""

    version: int
    events: tuple[LeadEvent, ...] | None


@dataclass(slots=True)
class Node:
    """What one identifier brought; `full` is the version of its last full message, -1 before any."""

    full: int = -1
    items: dict[str, Item] = field(default_factory=dict)
    former: tuple[Former, ...] = ()
    beyond: int = 0
    """How many events it has besides, beyond its share of the lead, as told with version `counted`."""
    counted: int = -1

    def lead_at(self, time: Micros) -> str:
        """The former lead that it belonged to then; '' if that was the lead of today."""
        return next((former.lead for former in self.former if time < former.until), "")

    def present(self) -> Iterator[LeadEvent]:
        for item in self.items.values():
            if item.events:
                yield from item.events


class Brought(NamedTuple):
    """What an identifier has to do with its lead: since when, by which events, and those of them that happened when it
    belonged to another lead, with that lead."""

    since: Micros
    events: frozenset[str] = frozenset()
    then: Mapping[str, str] = MappingProxyType({})


class Inbox:
    """Part of the journey's state; `load` and `dump` have the shape of `inbox` in schemas/state/lead.avsc."""

    __slots__ = ("_nodes",)

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}

    @classmethod
    def load(cls, record: Record) -> Inbox:
        inbox = cls()
        for name, node in record.items():
            items = {item: Item(said["version"], _events(said["events"])) for item, said in node["items"].items()}
            inbox._nodes[name] = Node(node["full"], items, load_former(node["former"]), node["beyond"], node["counted"])
        return inbox

    def dump(self) -> Record:
        return {
            name: {
                "full": node.full,
                "items": {
                    item: {
                        "version": said.version,
                        "events": None if said.events is None else [event.record() for event in said.events],
                    }
                    for item, said in node.items.items()
                },
                "former": dump_former(node.former),
                "beyond": node.beyond,
                "counted": node.counted,
            }
            for name, node in self._nodes.items()
        }

    def apply(self, message: Record) -> bool:
        """Fold one LeadMessage; False says that the inbox is as before, versions included."""
        version: int = message["node_version"]
        node = self._nodes.get(message["node"])
        if node is None:
            node = self._nodes[message["node"]] = Node()
        if version < node.full:
            return False
        changed = version > node.counted
        if changed:
            node.counted, node.beyond = version, message["beyond"]
        # A full message that is too big comes in parts: the first is full, the others add to it at the same version.
        if message["full"] and version > node.full:
            node.full = version
            node.former = load_former(message["former"])
            node.items = {name: item for name, item in node.items.items() if item.version >= version}
            changed = True
        for said in message["items"]:
            known = node.items.get(said["item"])
            if known is None or known.version < version:
                node.items[said["item"]] = Item(version, _events(said["events"]))
                changed = True
        return changed

    def events(self) -> list[LeadEvent]:
        """The present events, one per event key, by (occurred_at, key)."""
        found = {event.key: event for node in self._nodes.values() for event in node.present()}
        return sorted(found.values(), key=lambda event: (event.occurred_at, event.key))

    def beyond(self) -> int:
        """How many events of its identifiers are beyond their shares."""
        return sum(node.beyond for node in self._nodes.values())

    def nodes(self) -> dict[str, Brought]:
        """Identifiers with anything present, and what they brought."""
        found: dict[str, Brought] = {}
        for name, node in self._nodes.items():
            present = list(node.present())
            if present:
                then = {
                    event.key: former
                    for event in (present if node.former else ())
                    if (former := node.lead_at(event.occurred_at))
                }
                keys = frozenset(event.key for event in present)
                found[name] = Brought(min(event.occurred_at for event in present), keys, then)
        return found


def _events(records: list[Record] | None) -> tuple[LeadEvent, ...] | None:
    return None if records is None else tuple(LeadEvent(**record) for record in records)
