"""identify: what one identifier has, and to which lead it brings it.

Everything about an identifier comes by one topic and is folded message by message, so its state after an offset is
always the same. Without an assignment it is its own lead; an assignment moves it: what it brought is closed with every
other lead that it ever told anything, and opened in full with the new one. A message that was applied before is a
redelivery, after which the outputs may be lost: all is said again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from streams.identity.identifiers import IdentityRules, rank
from streams.identity.links import Registers
from streams.identity.messages import contribution, evidence
from streams.model import Effect, Micros, Record

EVENTS_PER_MESSAGE = 500  # a full message of more comes in parts, far below any broker's limit


@dataclass(slots=True)
class Item:
    version: int
    events: list[Record] | None
    requires: list[str]


@dataclass(slots=True)
class Node:
    name: str
    applied: int = -1
    version: int = 0
    """Number of changes that a lead may see."""
    items: dict[str, Item] = field(default_factory=dict)
    links: dict[str, Registers] = field(default_factory=dict)
    """By the other identifier; what was said to the resolver already."""
    lead: str = ""
    assigned: int = -1
    """Version of the assignment; -1: none."""
    members: frozenset[str] = frozenset()
    contacted: list[str] = field(default_factory=list)

    def shown(self, item: Item | None) -> list[Record] | None:
        """Its events, if it counts: it is this identifier's and all that it requires are one person."""
        if item is None or not item.events:
            return None
        return item.events if self.members.issuperset(item.requires) else None


class Identify:
    """A KeyedStep by identifier. Messages: schemas/internal/identity.avsc."""

    def __init__(self, rules: IdentityRules, lead_id_of: Callable[[str], str]) -> None:
        self._rules = rules
        self._lead_id_of = lead_id_of

    def fresh(self, key: str) -> Node:
        return Node(key, lead=self._lead_id_of(key), members=frozenset({key}))

    def load(self, record: Record) -> Node:
        return Node(
            record["node"],
            record["applied"],
            record["version"],
            {name: Item(item["version"], item["events"], item["requires"]) for name, item in record["items"].items()},
            {other: Registers.load(registers) for other, registers in record["links"].items()},
            record["lead"],
            record["assigned"],
            frozenset(record["members"]),
            record["contacted"],
        )

    def dump(self, state: Node) -> Record:
        return {
            "node": state.name,
            "applied": state.applied,
            "version": state.version,
            "items": {
                name: {"version": item.version, "events": item.events, "requires": item.requires}
                for name, item in state.items.items()
            },
            "links": {other: registers.dump() for other, registers in state.links.items()},
            "lead": state.lead,
            "assigned": state.assigned,
            "members": sorted(state.members),
            "contacted": list(state.contacted),
        }

    def apply(self, state: Node, offset: int, message: Record) -> Iterator[Effect]:
        source_at: Micros = message["source_at"]
        again = offset <= state.applied
        state.applied = max(offset, state.applied)
        if message["link"] is not None:
            yield from self._link(state, message["link"], again, source_at)
        elif again:
            yield from self._everything(state, source_at)
        elif message["item"] is not None:
            yield from self._item(state, message["item"], source_at)
        else:
            yield from self._assignment(state, message["assignment"], source_at)

    def _item(self, state: Node, said: Record, source_at: Micros) -> Iterator[Effect]:
        name = said["item"]
        known = state.items.get(name)
        if known is not None and known.version >= said["version"]:
            return
        before = {name: state.shown(known)}
        state.items[name] = item = Item(said["version"], said["events"], said["requires"])
        after = {name: state.shown(item)}
        if len(state.items) > self._rules.items_per_identifier:
            last = max(state.items, key=rank)
            before.setdefault(last, state.shown(state.items.pop(last)))
            after[last] = None
        state.version += 1
        # Whoever was never told of an item need not be told that it is gone.
        changed = [(each, after[each]) for each in after if before[each] is not None or after[each] is not None]
        if changed:
            yield from self._tell(state, state.lead, changed, False, source_at)

    def _assignment(self, state: Node, said: Record, source_at: Micros) -> Iterator[Effect]:
        if said["version"] <= state.assigned:
            return
        lead, shown = state.lead, _shown(state)
        state.lead, state.assigned, state.members = said["lead"], said["version"], frozenset(said["members"])
        state.version += 1
        if state.lead != lead or _shown(state) != shown:
            yield from self._everything(state, source_at)

    def _link(self, state: Node, said: Record, again: bool, source_at: Micros) -> Iterator[Effect]:
        new = Registers.of(said["kind"], said["mark"])
        known = state.links.get(said["other"])
        joined = new if known is None else known.joined(new)
        if known is not None or len(state.links) <= self._rules.remembered_neighbours:
            state.links[said["other"]] = joined
        if joined != known or again:
            yield evidence(state.name, said["other"], joined.first, joined.merge, joined.unmerge, source_at)

    def _everything(self, state: Node, source_at: Micros) -> Iterator[Effect]:
        """Close with all other leads, open in full with the own one."""
        for lead in [lead for lead in state.contacted if lead != state.lead]:
            yield from self._tell(state, lead, [], True, source_at)
        shown = _shown(state)
        if shown or state.lead in state.contacted:
            yield from self._tell(state, state.lead, shown, True, source_at)

    def _tell(
        self, state: Node, lead: str, items: list[tuple[str, list[Record] | None]], full: bool, source_at: Micros
    ) -> Iterator[Effect]:
        if lead not in state.contacted:
            state.contacted.append(lead)
        part: list[tuple[str, list[Record] | None]] = []
        size = 0
        for item in items:
            if size >= EVENTS_PER_MESSAGE:
                yield contribution(lead, state.name, state.version, part, full, source_at)
                part, size, full = [], 0, False
            part.append(item)
            size += len(item[1] or ())
        yield contribution(lead, state.name, state.version, part, full, source_at)


def _shown(state: Node) -> list[tuple[str, list[Record] | None]]:
    return [(name, shown) for name, item in state.items.items() if (shown := state.shown(item)) is not None]
