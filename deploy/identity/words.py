"""Who is who, and why, in words for people. E-mails are named by the beginning of their hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from deploy.identity.person import SHOWN, Event, Identifier, Link, Person
from streams.identity.identifiers import IdentityRules

_HASH = 8  # hex digits shown of an address


def sections(person: Person, rules: IdentityRules) -> list[str]:
    """What the lead is known as, why these are one person, and which links do not count, and why."""
    return [
        *section("Known as", _known_as(person, rules)),
        *section("Why these are one person", (_said(link, person) for link in person.joining())),
        *section("Linked, but it does not count", _idle(person, rules)),
    ]


def section(title: str, lines: Iterable[str]) -> list[str]:
    return [title, *(f"  {line}" for line in found)] if (found := list(lines)) else []


def called(identifier: str) -> str:
    kind, _, name = identifier.partition(":")
    return f"{kind} {name[:_HASH]}…" if kind == "email" and len(name) > _HASH else f"{kind} {name}"


def in_full(identifier: str) -> str:
    return identifier.replace(":", " ", 1)


def alone(why: str, rules: IdentityRules) -> str:
    """Why an identifier is on its own although it has links."""
    match why:
        case "hub":
            return f"a hub, linked with more than {rules.hub_neighbours} others: no person, so it joins nobody"
        case "blocked":
            return "blocked by an operator, so it joins nobody"
        case "oversize":
            return f"in a web of more than {rules.lead_identifiers} identifiers, where everyone is their own lead"
    return why


def _known_as(person: Person, rules: IdentityRules) -> Iterator[str]:
    root = person.root()
    for one in sorted(person.identifiers.values(), key=lambda one: (one.name != root, _order(one.since), one.name)):
        why = f", alone: {alone(one.why, rules)}" if one.why else ""
        first = ", the first of them" if one.name == root and len(person.identifiers) > 1 else ""
        yield f"{in_full(one.name)} since {at(one.since)}{first}{why}"


def _idle(person: Person, rules: IdentityRules) -> Iterator[str]:
    idle = person.idle()
    for link in idle[:SHOWN]:
        yield f"{_said(link, person)}; {_why_idle(link, person, rules)}"
    if len(idle) > SHOWN:
        yield f"... and {len(idle) - SHOWN} more"


def _said(link: Link, person: Person) -> str:
    """When and by which event two were linked; where they were parted and merged again, by the merge."""
    again = link.in_force and link.unmerged_at is not None
    time, key = (link.merged_at, link.merge_event) if again else (link.first_at, link.first_event)
    if time is None:
        time, key = link.unmerged_at, link.unmerge_event
    event = person.events.get(key)
    one, relation, other = _relation(link, event)
    words = f"{_whose(one, person)} {relation} {_whose(other, person)}"
    parted = f", after they were unmerged {at(link.unmerged_at)}" if again else ""
    return f"{at(time)}  {words}{' again' if again else ''}{parted}  {_source(key, event)}"


def _relation(link: Link, event: Event | None) -> tuple[str, str, str]:
    """One, what it has to do with the other, and the other. event: that links them."""
    kinds = {end.partition(":")[0]: end for end in (link.a, link.b)}
    if "email" in kinds:
        record, email = (link.b, link.a) if kinds["email"] == link.a else (link.a, link.b)
        return record, "has the address", email
    if len(kinds) == 2:
        return kinds["crm_contact"], "converted from", kinds["crm_lead"]
    verb = "merged" if link.first_at is not None else "unmerged from"
    one, other = (link.b, link.a) if event and event.identifier == link.b else (link.a, link.b)
    return one, verb if event or verb != "merged" else "merged with", other


def _why_idle(link: Link, person: Person, rules: IdentityRules) -> str:
    if not link.in_force:
        source = _source(link.unmerge_event, person.events.get(link.unmerge_event))
        return f"unmerged {at(link.unmerged_at)} {source}"
    cut = next((one for one in map(person.known, (link.a, link.b)) if one.why), None)
    return f"{called(cut.name)} is {alone(cut.why, rules)}" if cut else "not in force"


def _whose(end: str, person: Person) -> str:
    known: Identifier = person.known(end)
    return called(end) + (f" (lead {known.lead})" if known.lead and known.lead != person.lead else "")


def _source(key: str, event: Event | None) -> str:
    if event is None:
        return f"[event {key}]"
    return f"[{event.source}{f'/{event.event_id}' if event.event_id else ''} {event.type}]"


def _order(time: datetime | None) -> datetime:
    return time or datetime.max.replace(tzinfo=UTC)


def at(time: datetime | None) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if time else "-"
