"""What of a person is to be erased, what cannot be or need not be, and the events that order it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deploy.identity.orders import SOURCE, crm_order
from deploy.identity.person import SHOWN, Person
from deploy.identity.who import Who
from deploy.identity.words import at, called, in_full, section
from streams.model import Micros, Record

_STAYS = (
    "deals: they count for their account alone",
    "events in Kafka, and these orders among them, as long as its topics keep them",
    "rows in ClickHouse that nobody is shown any more, until it merges their parts; after that their keys",
    "for 90 days, in facts.identity_changes: that there were these identifiers, and which lead they were",
)


@dataclass(frozen=True, slots=True)
class Device:
    """Counts of visits: this person's, other leads' or nobody's as several people were identified on it, and all."""

    name: str
    own: int
    others: int
    total: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`names`: all that an order can name. `addresses`: identifiers of addresses that nobody told us. `linked`: whom
    links in force would join, if they counted."""

    names: list[Who]
    addresses: list[str]
    linked: list[str]
    going: list[Device]
    staying: list[Device]


def plan(who: Who, person: Person | None, devices: list[Device], shared_too: bool) -> Plan:
    """person: None if nothing is known of who is asked for."""
    known = [] if person is None else sorted(person.identifiers)
    records = [_record(name) for name in known if not name.startswith("email:")]
    names = [who] if who.record_id else []
    names += [one for one in records if one.identifier != who.identifier]
    named = {one.identifier for one in names}
    idle = [] if person is None else [link for link in person.idle() if link.in_force]
    going = [one for one in devices if shared_too or not one.others]
    return Plan(
        names,
        addresses=[name for name in known if name not in named],
        linked=sorted({end for link in idle for end in (link.a, link.b)} - {*known}),
        going=going,
        staying=[one for one in devices if one not in going],
    )


def events(planned: Plan, time: Micros, by: str) -> list[tuple[str, str, Record]]:
    """Topic, key and event of each order."""
    found = [crm_order("erased", one, time, by, "") for one in planned.names]
    said: Record = {"source": SOURCE, "event_id": f"erased:{time}", "type": "erased", "occurred_at": time}
    found += [("web", one.name, said | {"anonymous_id": one.name, "changed_by": by}) for one in planned.going]
    return found


def lines(planned: Plan, person: Person | None) -> Iterator[str]:
    yield from section("To be erased", _erased(planned, person))
    yield from section("Not erased", _spared(planned))
    yield from section("What stays", _STAYS)


def _erased(planned: Plan, person: Person | None) -> Iterator[str]:
    for one in planned.names:
        known = None if person is None else person.identifiers.get(one.identifier)
        plain = f" ({one.record_id})" if one.record_kind == "email" else ""
        since = ", of which nothing is known yet" if known is None else f" since {at(known.since)}"
        yield in_full(one.identifier) + plain + since
    for device in planned.going:
        own = f", {device.own} of them this person's" if device.own else ""
        yield f"device {device.name}: all that it did, {many(device.total, 'visit')}{own}"


def _spared(planned: Plan) -> Iterator[str]:
    for name in planned.addresses:
        yield f"{in_full(name)}: the address itself is not stored, so name it: funnelwatch erase ADDRESS"
    for device in planned.staying:
        shared = f"{many(device.own, 'visit')} this person's, {device.others} others' or nobody's"
        yield f"device {device.name}: {shared}; --shared-devices erases it, or later device:{device.name}"
    for name in planned.linked[:SHOWN]:
        yield f"{called(name)}: linked, but somebody else by what is known"
    if len(planned.linked) > SHOWN:
        yield f"... and {len(planned.linked) - SHOWN} more, likewise"


def many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _record(identifier: str) -> Who:
    kind, _, record_id = identifier.partition(":")
    return Who(identifier, "", identifier, kind.removeprefix("crm_"), record_id)
