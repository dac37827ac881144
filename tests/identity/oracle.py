"""Who is who and what is whose, worked out from the whole set of events at once.

Written from the rules alone; it shares no code with the steps but the keys of events, the rules' numbers and words.
"""

from __future__ import annotations

import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from itertools import chain
from typing import NamedTuple, Protocol

from streams.event import event_key
from streams.identity.identifiers import IdentityRules
from streams.model import Record
from tests.identity.events import EMAIL_KEY

Source = tuple[str, Record]  # topic and record
Pair = tuple[str, str]
Said = tuple[int, str, str]  # an identification: when, address, session
Claim = tuple[str | None, Collection[str], str]
NOBODYS: Claim = (None, (), "shared")


class Visit(NamedTuple):
    """A session as it must be in the end."""

    device: str
    session: str
    started: int
    ended: int
    pages: int
    pricing: int
    url: str | None
    rep_link: bool


class Give(Protocol):
    def __call__(self, owner: str | None, what: str | Visit, requires: Iterable[str] = ()) -> None: ...


class Truth(NamedTuple):
    leads: dict[str, frozenset[str | Visit]]
    """Lead id -> keys of events, and visits."""
    ownership: dict[tuple[str, str], str]
    """(device, session) -> anonymous, identified or shared."""
    homeless_deals: frozenset[str]
    in_force: dict[Pair, bool]


def _hashed(text: str) -> str:
    return hmac.new(EMAIL_KEY, text.encode(), "sha256").hexdigest()


def identifier_of(email: str | None) -> str | None:
    return f"email:{_hashed(email)[:32]}" if email else None


def _is_weak(email: str) -> bool:
    return email.startswith("info@")


def truth(sources: Iterable[Source], rules: IdentityRules) -> Truth:
    events = {event_key(record): (topic, record) for topic, record in sources}
    pairs = _links(events)
    in_force = {pair: _in_force(said) for pair, said in pairs.items()}
    lead_of, members_of = _people(pairs, in_force, rules)
    leads: dict[str, set[str | Visit]] = defaultdict(set)

    def give(owner: str | None, what: str | Visit, requires: Iterable[str] = ()) -> None:
        if owner is not None and members_of(owner).issuperset(requires):
            leads[lead_of(owner)].add(what)

    ownership = _devices(events, rules, give)
    homeless = _deals(events, give)
    for key, (topic, event) in events.items():
        if topic == "crm" and event["record_kind"] in ("lead", "contact"):
            give(f"crm_{event['record_kind']}:{event['record_id']}", key)
    return Truth({lead: frozenset(what) for lead, what in leads.items()}, ownership, frozenset(homeless), in_force)


def _links(events: dict[str, Source]) -> dict[Pair, dict[str, list[int]]]:
    pairs: dict[Pair, dict[str, list[int]]] = defaultdict(lambda: {"link": [], "merge": [], "unmerge": []})

    def say(a: str, b: str, kind: str, at: int) -> None:
        if a != b:
            said = pairs[min(a, b), max(a, b)]
            said[kind].append(at)
            if kind == "merge":
                said["link"].append(at)

    for topic, event in events.values():
        if topic != "crm" or event["record_kind"] not in ("lead", "contact"):
            continue
        me, at = f"crm_{event['record_kind']}:{event['record_id']}", event["occurred_at"]
        if event["email"] and not _is_weak(event["email"]):
            say(me, identifier_of(event["email"]) or "", "link", at)
        if event["type"] == "converted" and event["record_kind"] == "lead" and event["contact_id"]:
            say(me, f"crm_contact:{event['contact_id']}", "link", at)
        if event["type"] == "converted" and event["record_kind"] == "contact" and event["lead_id"]:
            say(me, f"crm_lead:{event['lead_id']}", "link", at)
        if event["type"] in ("merged", "unmerged") and event["other_record_id"]:
            other = f"crm_{event['record_kind']}:{event['other_record_id']}"
            say(me, other, "merge" if event["type"] == "merged" else "unmerge", at)
    return pairs


def _in_force(said: dict[str, list[int]]) -> bool:
    if not said["link"]:
        return False
    return not said["unmerge"] or max(said["merge"], default=-1) > max(said["unmerge"])


def _people(
    pairs: dict[Pair, dict[str, list[int]]], in_force: dict[Pair, bool], rules: IdentityRules
) -> tuple[Callable[[str], str], Callable[[str], frozenset[str]]]:
    everyone = set(chain.from_iterable(pairs))
    neighbours = Counter(chain.from_iterable(pair for pair, said in pairs.items() if said["link"]))
    cut = {one for one in everyone if neighbours[one] > rules.hub_neighbours}
    linked_at = {
        one: min(chain.from_iterable(said["link"] for pair, said in pairs.items() if one in pair), default=0)
        for one in everyone
    }
    group = {one: frozenset({one}) for one in everyone}
    for (a, b), holds in in_force.items():
        if holds and not {a, b} & cut:
            joined = group[a] | group[b]
            for each in joined:
                group[each] = joined

    def members_of(one: str) -> frozenset[str]:
        found = group.get(one, frozenset({one}))
        return frozenset({one}) if len(found) > rules.lead_identifiers else found

    def lead_of(one: str) -> str:
        members = members_of(one)
        root = one
        if len(members) > 1:
            root = min(members, key=lambda each: (linked_at[each], not each.startswith("email:"), each))
        return f"L{_hashed(root)[:16]}"

    return lead_of, members_of


def _session(event: Record) -> str:
    day = datetime.fromtimestamp(event["occurred_at"] / 1e6, UTC).date().isoformat()
    return event["session_id"] or f"day:{day}"


def _devices(events: dict[str, Source], rules: IdentityRules, give: Give) -> dict[tuple[str, str], str]:
    ownership: dict[tuple[str, str], str] = {}
    on_device: dict[str, list[tuple[str, str, Record]]] = defaultdict(list)
    for key, (topic, event) in events.items():
        if topic == "form" and event["email"]:
            give(identifier_of(event["email"]), key)
        if topic != "crm" and event["anonymous_id"]:
            if event["email"] and topic == "form" and event["form_kind"] == "imported_list":
                continue
            on_device[event["anonymous_id"]].append((key, topic, event))
    for device, happened in on_device.items():
        said = [(event["occurred_at"], event["email"], _session(event)) for _, _, event in happened if event["email"]]
        persons = [each for each in said if not _is_weak(each[1])]
        known = persons or said
        crowd = len({email for _, email, _ in said}) > rules.identifiers_per_device
        for name in {_session(event) for _, _, event in happened}:
            inside = [(key, topic, event) for key, topic, event in happened if _session(event) == name]
            pages = [(key, event) for key, topic, event in inside if topic == "web"]
            within = [each for each in said if each[2] == name]
            within = [each for each in within if not _is_weak(each[1])] or within
            if pages:
                start = min(event["occurred_at"] for _, event in pages)
                owner, requires, how = NOBODYS if crowd else _owner(within, known, start, rules)
                ownership[device, name] = how
                give(owner, _visit(device, name, pages), requires)
            for key, topic, event in inside:
                if topic == "form" and not event["email"]:
                    owner, requires, _ = NOBODYS if crowd else _owner(within, known, event["occurred_at"], rules)
                    give(owner, key, requires)
    return ownership


def _owner(within: list[Said], known: list[Said], at: int, rules: IdentityRules) -> Claim:
    if not known:
        return None, (), "anonymous"
    if within:
        return identifier_of(max(within, key=_when_and_who)[1]), (), "identified"
    before = [each for each in known if each[0] <= at]
    if before:
        seen = {f"email:{_hashed(email)[:32]}" for _, email, _ in before}
        return identifier_of(max(before)[1]), seen, "shared" if len(seen) > 1 else "identified"
    first = min(known, key=_when_and_who)
    if first[0] - at <= rules.look_back:
        return identifier_of(first[1]), (), "identified"
    return None, (), "anonymous"


def _when_and_who(said: Said) -> tuple[int, str]:
    return said[0], f"email:{_hashed(said[1])}"


def _visit(device: str, name: str, pages: list[tuple[str, Record]]) -> Visit:
    seen = [event for _, event in pages if event["type"] != "identify"]
    landing = min(pages, key=lambda each: (each[1]["type"] == "identify", each[1]["occurred_at"], each[0]))[1]
    times = [event["occurred_at"] for _, event in pages]
    return Visit(
        device,
        name,
        min(times),
        max(times),
        len(seen),
        sum(event["page_kind"] == "pricing" for event in seen),
        landing["url"],
        any(event["rep_link"] for _, event in pages),
    )


def _deals(events: dict[str, Source], give: Give) -> set[str]:
    deals: dict[str, list[tuple[int, str, Record]]] = defaultdict(list)
    for key, (topic, event) in events.items():
        if topic == "crm" and event["record_kind"] == "opportunity":
            deals[event["record_id"]].append((event["occurred_at"], key, event))
    homeless = set()
    for deal, said in deals.items():
        said.sort(key=lambda each: each[:2])
        primary = [event["primary_contact_id"] for _, _, event in said if event["primary_contact_id"]]
        converted = [event["lead_id"] for _, _, event in said if event["lead_id"]]
        contacts = sorted(contact["contact_id"] for _, _, event in said for contact in event["contacts"])
        if primary:
            owner = f"crm_contact:{primary[-1]}"
        elif converted:
            owner = f"crm_lead:{converted[-1]}"
        elif contacts:
            owner = f"crm_contact:{contacts[0]}"
        else:
            homeless.add(deal)
            continue
        for _, key, _ in said:
            give(owner, key)
    return homeless
