"""identify: what one identifier has, and to which lead it brings it.

Everything about an identifier comes by one topic and is folded message by message, so its state after an offset is
always the same. Without an assignment it is its own lead; an assignment moves it: what it brought is closed with the
lead that it leaves, and opened in full with the new one. An erased one brings nothing to anybody any more. A message
that was applied before is a redelivery, after which the outputs may be lost: all is said again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from streams.identity.identifiers import IdentityRules, rank
from streams.identity.links import NO_ORDERS, Orders, Registers
from streams.identity.messages import Former, contribution, dump_former, evidence, load_former
from streams.model import Effect, Micros, Record, Reject

EVENTS_PER_MESSAGE = 500  # a full message of more comes in parts, far below any broker's limit
_WEIGHT = 1000  # bytes: an event that is larger weighs as much as several
# No lane is ever so far ahead of what it has committed: a close that is older was delivered, and is said no more.
COMMITTED_WITHIN = 1_000_000

Shown = list[tuple[str, list[Record] | None]]
"""Items by name with their events; None: gone."""
Told = dict[str, list[Record]]


@dataclass(slots=True)
class Item:
    version: int
    events: list[Record] | None
    requires: list[str]
    weight: int = 1
    """The most that it ever weighed, at least 1: only grows, so that what a cap drops stays dropped."""
    _place: tuple[Micros, str, int] | None = None

    def place(self) -> tuple[Micros, str, int]:
        """Time and key of its first event, by which it comes before others; and what it weighs now."""
        if self._place is None:
            events = self.events or ()
            first = min((event["occurred_at"], event["key"]) for event in events)
            self._place = (*first, weight_of(events))
        return self._place


@dataclass(slots=True)
class Node:
    name: str
    applied: int = -1
    version: int = 0
    """Number of changes that a lead may see."""
    items: dict[str, Item] = field(default_factory=dict)
    links: dict[str, Registers] = field(default_factory=dict)
    """By the other identifier; what was said to the resolver already."""
    orders: Orders = NO_ORDERS
    lead: str = ""
    assigned: int = -1
    """Version of the assignment; -1: none."""
    members: frozenset[str] = frozenset()
    former: tuple[Former, ...] = ()
    contacted: list[str] = field(default_factory=list)
    """Every lead that it told anything."""
    left: dict[str, int] = field(default_factory=dict)
    """Those of them that it left, and the offset of the message by which."""
    weight: int = 0
    """Of all items."""
    beyond: str = ""
    """The least rank (hex) of all that the cap dropped, from which on nothing comes in any more; empty: nothing was."""

    def shown(self, item: Item | None) -> list[Record] | None:
        """Its events, if it counts: it is this identifier's and all that it requires are one person."""
        if item is None or not item.events:
            return None
        return item.events if self.members.issuperset(item.requires) else None

    def told(self, share: int) -> tuple[Told, int]:
        """What its lead is to have, by item: the earliest of what is shown, up to its share by weight; and how many
        events there are beyond that."""
        told: Told = {name: shown for name, item in self.items.items() if (shown := self.shown(item)) is not None}
        beyond = 0
        if self.weight > share:
            for name in sorted(told, key=lambda name: self.items[name].place()):
                share -= self.items[name].place()[2]
                if share < 0:
                    beyond += len(told.pop(name))
        return told, beyond


def weight_of(events: Sequence[Record]) -> int:
    """1 for each, and 1 more for every full 1,000 bytes of its texts."""
    return sum(1 + _bytes_of(event) // _WEIGHT for event in events)


def _bytes_of(event: Record) -> int:
    data = event["data"]
    texts = [event["source"], event["event_id"], *data, *(value for value in data.values() if type(value) is str)]
    return sum(len(text) if text.isascii() else len(text.encode(errors="replace")) for text in texts)


class Identify:
    """A KeyedStep by identifier. Messages: schemas/internal/identity.avsc."""

    def __init__(
        self, rules: IdentityRules, lead_id_of: Callable[[str], str], committed_within: int = COMMITTED_WITHIN
    ) -> None:
        self._rules = rules
        self._lead_id_of = lead_id_of
        self._committed_within = committed_within

    def fresh(self, key: str) -> Node:
        return Node(key, lead=self._lead_id_of(key), members=frozenset({key}))

    def load(self, record: Record) -> Node:
        return Node(
            record["node"],
            record["applied"],
            record["version"],
            {name: Item(**item) for name, item in record["items"].items()},
            {other: Registers(**registers) for other, registers in record["links"].items()},
            Orders(record["block"], record["unblock"], record["erase"]),
            record["lead"],
            record["assigned"],
            frozenset(record["members"]),
            load_former(record["former"]),
            record["contacted"],
            record["left"],
            sum(item["weight"] for item in record["items"].values()),
            record["beyond"],
        )

    def dump(self, state: Node) -> Record:
        return {
            "node": state.name,
            "applied": state.applied,
            "version": state.version,
            "items": {
                name: {"version": item.version, "events": item.events, "requires": item.requires, "weight": item.weight}
                for name, item in state.items.items()
            },
            "links": {other: registers._asdict() for other, registers in state.links.items()},
            **state.orders._asdict(),
            "lead": state.lead,
            "assigned": state.assigned,
            "members": sorted(state.members),
            "former": dump_former(state.former),
            "contacted": list(state.contacted),
            "left": dict(state.left),
            "beyond": state.beyond,
        }

    def apply(self, state: Node, offset: int, message: Record) -> Iterator[Effect]:
        source_at: Micros = message["source_at"]
        again = offset <= state.applied
        state.applied = max(offset, state.applied)
        if message["link"] is not None:
            yield from self._link(state, message["link"], again, source_at)
            return
        if message["order"] is not None:
            yield from self._order(state, message["order"], again, source_at)
        if again:
            yield from self._settle(state, source_at, everything=True)
        elif message["item"] is not None:
            yield from self._item(state, message["item"], source_at)
        elif message["assignment"] is not None:
            yield from self._assignment(state, message["assignment"], source_at)

    def _item(self, state: Node, said: Record, source_at: Micros) -> Iterator[Effect]:
        name = said["item"]
        known = state.items.get(name)
        if state.orders.erase or (known is not None and known.version >= said["version"]):
            return
        if state.beyond and rank(name).hex() >= state.beyond:
            yield self._too_much(state, name)
            return
        weight = max(weight_of(said["events"] or ()), known.weight if known else 1)
        share = self._share(state)
        crowded = state.weight + weight > min(share, self._rules.events_per_identifier)
        before, beyond = state.told(share) if crowded else _one(name, state.shown(known))
        state.items[name] = item = Item(said["version"], said["events"], said["requires"], weight)
        state.weight += weight - (known.weight if known else 0)
        for last in self._beyond(state):
            state.weight -= state.items.pop(last).weight
            yield self._too_much(state, last)
        state.version += 1
        after, beyond_now = state.told(share) if crowded else _one(name, state.shown(item))
        # Whoever was never told of an item need not be told that it is gone.
        changed = [
            (each, now)
            for each in {**before, **after}
            if (now := after.get(each)) is not before.get(each) or (each == name and now is not None)
        ]
        if not changed and beyond_now == beyond:
            return
        if state.lead in state.contacted:
            yield from self._tell(state, state.lead, changed, False, source_at, beyond_now)
        else:  # what is said first to a lead is full: only then it hears of former leads
            yield from self._settle(state, source_at)

    def _share(self, state: Node) -> int:
        """How much of what a lead may have is this identifier's: as much as every other's of the same lead."""
        return self._rules.events_per_lead // len(state.members)

    def _beyond(self, state: Node) -> list[str]:
        """Those that the cap drops now. As weights only grow, it does not depend on the order in the end."""
        left = self._rules.events_per_identifier
        if state.weight <= left:
            return []
        names = sorted(state.items, key=rank)
        for place, name in enumerate(names):
            left -= state.items[name].weight
            if left < 0:
                state.beyond = rank(name).hex()
                return names[place:]
        raise AssertionError("the weight is the sum of all")

    @staticmethod
    def _too_much(state: Node, name: str) -> Reject:
        return Reject("too_many_items", f"{name} of {state.name}, which has {len(state.items)} others")

    def _assignment(self, state: Node, said: Record, source_at: Micros) -> Iterator[Effect]:
        if said["version"] <= state.assigned:
            return
        before = state.lead, state.former, state.told(self._share(state))
        state.lead, state.assigned, state.members = said["lead"], said["version"], frozenset(said["members"])
        state.former = load_former(said["former"])
        state.version += 1
        for lead, offset in list(state.left.items()):
            if offset < state.applied - self._committed_within:
                del state.left[lead]
                state.contacted.remove(lead)
        if before != (state.lead, state.former, state.told(self._share(state))):
            yield from self._settle(state, source_at)

    def _link(self, state: Node, said: Record, again: bool, source_at: Micros) -> Iterator[Effect]:
        new = Registers.of(said["kind"], said["mark"])
        known = state.links.get(said["other"])
        joined = new if known is None else known.joined(new)
        if known is not None or len(state.links) <= self._rules.remembered_neighbours:
            state.links[said["other"]] = joined
        if joined != known or again:
            yield evidence(state.name, said["other"], source_at, registers=joined)

    def _order(self, state: Node, said: Record, again: bool, source_at: Micros) -> Iterator[Effect]:
        known, state.orders = state.orders, state.orders.joined(Orders.of(said["kind"], said["mark"]))
        if state.orders != known or again:
            yield evidence(state.name, "", source_at, orders=state.orders)
        if state.orders.erase and not known.erase:
            state.items.clear()
            state.weight = 0
            state.version += 1
            yield from self._settle(state, source_at)

    def _settle(self, state: Node, source_at: Micros, everything: bool = False) -> Iterator[Effect]:
        """Close with the leads that are not its own; open in full with the one that is.

        everything: what was said before may be lost, so say it again.
        """
        own = None if state.orders.erase else state.lead
        for lead in state.contacted:
            if lead != own and (everything or lead not in state.left):
                state.left.setdefault(lead, state.applied)
                yield from self._tell(state, lead, [], True, source_at)
        if own is None:
            return
        state.left.pop(own, None)
        told, beyond = state.told(self._share(state))
        if told or beyond or own in state.contacted:
            yield from self._tell(state, own, list(told.items()), True, source_at, beyond)

    def _tell(
        self, state: Node, lead: str, items: Shown, full: bool, source_at: Micros, beyond: int = 0
    ) -> Iterator[Effect]:
        if lead not in state.contacted:
            state.contacted.append(lead)

        def message(part: Shown) -> Effect:
            return contribution(lead, state.name, state.version, part, full, state.former, source_at, beyond)

        part: Shown = []
        size = 0
        for item in items:
            if size >= EVENTS_PER_MESSAGE:
                yield message(part)
                part, size, full = [], 0, False
            part.append(item)
            size += weight_of(item[1] or ()) if len(items) > 1 else 0
        yield message(part)


def _one(name: str, shown: list[Record] | None) -> tuple[Told, int]:
    return ({} if shown is None else {name: shown}), 0
