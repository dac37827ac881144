"""What must come out, worked out from the whole set of events at once and from the rules alone.

Of the code it judges it shares only the shape of records, the key of an event and the rules' numbers.
Times are UTC microseconds. Caps on how much is kept are no part of it, but for the crowd on one device and for what
a lead may have, where no event is large.
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from math import inf
from typing import NamedTuple

from streams.event import event_key
from streams.identity.identifiers import IdentityRules
from streams.model import SECOND, Micros, Record
from tests.identity.events import EMAIL_KEY

Source = tuple[str, Record]  # topic (web, form, crm) and decoded record
Keyed = dict[str, Record]  # by event key, so that an event told twice is one
Pair = tuple[str, str]  # of identifiers, the smaller first


class Visit(NamedTuple):
    """What the web events of a session say."""

    device: str
    session: str
    started: Micros
    ended: Micros
    pages: int
    pricing: int
    url: str | None
    """Of the first page."""
    rep_link: bool


class Belonging(NamedTuple):
    what: str | Visit
    """Event key, or the visit."""
    then: str
    """The lead it belonged to when it happened."""


class Truth(NamedTuple):
    leads: dict[str, frozenset[Belonging]]
    ownership: dict[tuple[str, str], str]
    """(device, session) -> anonymous, identified or shared."""
    homeless_deals: frozenset[str]
    in_force: dict[Pair, bool]
    lead_of: dict[str, str]
    why: dict[str, str]
    """Identifier -> why it links nobody: hub, blocked, oversize; '' if nothing keeps it from it."""
    beyond: dict[str, int]
    """Lead -> how many events it has too many."""


def truth(sources: Iterable[Source], rules: IdentityRules) -> Truth:
    topics: dict[str, Keyed] = {"web": {}, "form": {}, "crm": {}}
    for topic, record in sources:
        topics[topic][event_key(record)] = record
    links = _links(topics["crm"].values(), rules)
    people = People(links, rules)
    devices = _devices(topics["web"], topics["form"], rules)
    deals = _deals(topics["crm"], rules)

    whose: dict[str, list[Item]] = defaultdict(list)
    for item in (
        *_records(topics["crm"], rules),
        *_forms_by_email(topics["form"], rules),
        *(item for device in devices.values() for item in device.items(rules)),
        *(item for deal in deals.values() for item in _deal_items(deal, rules)),
    ):
        if item.owner not in links.erased and people.are_one({item.owner, *item.requires}):
            whose[item.owner].append(item)
    leads: dict[str, set[Belonging]] = defaultdict(set)
    beyond: dict[str, int] = defaultdict(int)
    for owner, items in whose.items():
        counting = _earliest(items, rules.events_per_lead // len(people.person(owner)))
        leads[people.lead(owner)] |= {Belonging(item.what, people.lead(owner, item.at)) for item in counting}
        beyond[people.lead(owner)] += len(items) - len(counting)

    present = people.known - links.erased
    return Truth(
        leads={lead: frozenset(held) for lead, held in leads.items() if held},
        ownership={
            (device.name, session): device.judge(session, device.visit(session).started, rules).ownership
            for device in devices.values()
            for session in device.sessions
            if not device.erased
        },
        homeless_deals=frozenset(name for name, deal in deals.items() if _deal_owner(deal, rules) is None),
        in_force={pair: links.in_force(pair) for pair in links.said() if not links.erased & set(pair)},
        lead_of={identifier: people.lead(identifier) for identifier in present},
        why={identifier: people.why(identifier) for identifier in present},
        beyond={lead: number for lead, number in beyond.items() if number},
    )


class Item(NamedTuple):
    """Something that belongs to an identifier, as long as all that it requires are one person."""

    what: str | Visit
    at: Micros
    owner: str
    requires: frozenset[str] = frozenset()
    deal: str = ""
    """Whose events count together or not at all."""


def _earliest(items: list[Item], most: int) -> list[Item]:
    """By time, then by key; one that does not fit any more is the end."""
    together: dict[object, list[Item]] = defaultdict(list)
    for item in items:
        together[item.deal or item.what].append(item)
    counting: list[Item] = []
    for some in sorted(together.values(), key=lambda some: min((item.at, _key(item.what)) for item in some)):
        if len(counting) + len(some) > most:
            break
        counting += some
    return counting


def _key(what: str | Visit) -> str:
    """Of the event in a journey."""
    return (
        what
        if isinstance(what, str)
        else blake2b(f"{what.device}\x1f{what.session}".encode(), digest_size=16).hexdigest()
    )


# --- identifiers ---


class Address(NamedTuple):
    identifier: str
    weak: bool
    """A role inbox: a lead of its own that joins nobody."""


@cache
def _hash(text: str) -> str:
    return hmac.new(EMAIL_KEY, text.encode(), "sha256").hexdigest()


def lead_id(identifier: str) -> str:
    return "L" + _hash(identifier)[:16]


def _address(text: str | None, rules: IdentityRules) -> Address | None:
    """None if it says nothing about who it is, or only that it is one of us."""
    normal = (text or "").strip().lower()
    local, _, domain = normal.rpartition("@")
    ours = rules.own_domains | rules.test_domains
    if rules.is_blocked(local) or not domain or any(f".{domain}".endswith(f".{each}") for each in ours):
        return None
    return Address(f"email:{_hash(normal)[:32]}", local in rules.role_inboxes)


def _record(kind: str, record_id: str | None, rules: IdentityRules) -> str | None:
    if kind not in ("lead", "contact") or rules.is_blocked(record_id):
        return None
    return f"crm_{kind}:{record_id}"


def _own_record(record: Record, rules: IdentityRules) -> str | None:
    return _record(record["record_kind"], record["record_id"], rules)


# --- what the CRM says of identifiers ---

ORDERS = ("blocked", "unblocked", "erased")


@dataclass
class Links:
    first: dict[Pair, Micros] = field(default_factory=dict)
    """The earliest link; a merge is one, too."""
    merged: dict[Pair, Micros] = field(default_factory=dict)
    unmerged: dict[Pair, Micros] = field(default_factory=dict)
    blocked: dict[str, Micros] = field(default_factory=dict)
    unblocked: dict[str, Micros] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)

    def said(self) -> set[Pair]:
        return self.first.keys() | self.unmerged.keys()

    def in_force(self, pair: Pair) -> bool:
        """A routine link does not join again what was unmerged; a merge that is later than the unmerge does."""
        return pair in self.first and (pair not in self.unmerged or self.merged.get(pair, -inf) > self.unmerged[pair])

    def is_blocked(self, identifier: str) -> bool:
        return identifier in self.blocked and self.blocked[identifier] >= self.unblocked.get(identifier, -inf)


def _links(crm: Iterable[Record], rules: IdentityRules) -> Links:
    links = Links()
    for record in crm:
        at, type_, own = record["occurred_at"], record["type"], _own_record(record, rules)
        email = _address(record["email"], rules)
        if type_ in ORDERS:
            _obey(links, record, rules)
        if own is None or type_ in ORDERS:
            continue
        others = [(email.identifier if email and not email.weak else None, "linked")]
        if type_ == "converted":
            other = "contact" if record["record_kind"] == "lead" else "lead"
            others.append((_record(other, record[f"{other}_id"], rules), "linked"))
        if type_ in ("merged", "unmerged"):
            others.append((_record(record["record_kind"], record["other_record_id"], rules), type_))
        for end, what in others:
            if end is None or end == own:
                continue
            pair = (min(own, end), max(own, end))
            if what == "unmerged":
                links.unmerged[pair] = max(at, links.unmerged.get(pair, at))
            else:
                links.first[pair] = min(at, links.first.get(pair, at))
            if what == "merged":
                links.merged[pair] = max(at, links.merged.get(pair, at))
    return links


def _obey(links: Links, order: Record, rules: IdentityRules) -> None:
    own, kind = _own_record(order, rules), order["record_kind"]
    named = {own} if own else set()
    # Who is erased by their record is erased by the address that the order carries, too.
    email = order["record_id"] if kind == "email" else order["email"] if own and order["type"] == "erased" else None
    if address := _address(email, rules):
        named.add(address.identifier)
    if order["type"] == "erased":
        links.erased |= named
        return
    latest = links.blocked if order["type"] == "blocked" else links.unblocked
    for identifier in named:
        latest[identifier] = max(order["occurred_at"], latest.get(identifier, order["occurred_at"]))


class People:
    """Who is one person: components of the links in force between identifiers that are not cut."""

    def __init__(self, links: Links, rules: IdentityRules) -> None:
        self._links, self._rules = links, rules
        self._neighbours: dict[str, set[str]] = defaultdict(set)
        self._linked_at: dict[str, Micros] = {}
        for pair, at in links.first.items():
            for one, other in (pair, pair[::-1]):
                self._neighbours[one].add(other)
                self._linked_at[one] = min(at, self._linked_at.get(one, at))
        ordered = links.blocked.keys() | links.unblocked.keys() | links.erased
        self.known = {end for pair in links.said() for end in pair} | ordered
        self._joined: dict[str, list[tuple[str, Micros]]] = defaultdict(list)
        for pair, at in links.first.items():
            if links.in_force(pair) and not any(self._cut(end) for end in pair):
                for one, other in (pair, pair[::-1]):
                    self._joined[one].append((other, at))

    def _cut(self, identifier: str) -> str:
        if identifier in self._links.erased:
            return "erased"
        if self._links.is_blocked(identifier):
            return "blocked"
        return "hub" if len(self._neighbours.get(identifier, ())) > self._rules.hub_neighbours else ""

    def _component(self, identifier: str, at: float) -> set[str]:
        """All it is joined to by links that are there at a time, among those in force today."""
        found, rest = {identifier}, [identifier]
        while rest:
            for other, first in self._joined.get(rest.pop(), ()):
                if first <= at and other not in found:
                    found.add(other)
                    rest.append(other)
        return found

    def why(self, identifier: str) -> str:
        oversize = len(self._component(identifier, inf)) > self._rules.lead_identifiers
        return self._cut(identifier) or ("oversize" if oversize else "")

    def person(self, identifier: str, at: float = inf) -> set[str]:
        return {identifier} if self.why(identifier) else self._component(identifier, at)

    def lead(self, identifier: str, at: float = inf) -> str:
        """By the member that was linked first, so that people who come in order never move."""
        return lead_id(min(self.person(identifier, at), key=self._rank))

    def _rank(self, identifier: str) -> tuple[float, bool, str]:
        return self._linked_at.get(identifier, inf), not identifier.startswith("email:"), identifier

    def are_one(self, identifiers: set[str]) -> bool:
        return identifiers <= self.person(min(identifiers))


def _records(crm: Keyed, rules: IdentityRules) -> Iterator[Item]:
    for key, record in crm.items():
        own = _own_record(record, rules)
        if own and record["type"] not in ORDERS:
            yield Item(key, record["occurred_at"], own)


# --- devices, sessions, forms ---


class Naming(NamedTuple):
    at: Micros
    identifier: str
    weak: bool
    session: str


class Judgement(NamedTuple):
    ownership: str
    owner: str | None = None
    requires: frozenset[str] = frozenset()


@dataclass
class Device:
    name: str
    sessions: dict[str, Keyed] = field(default_factory=lambda: defaultdict(dict))
    """Web events."""
    forms: list[tuple[str, str, Micros]] = field(default_factory=list)
    """Without an e-mail: key, session, time."""
    namings: list[Naming] = field(default_factory=list)
    erased: bool = False

    def items(self, rules: IdentityRules) -> Iterator[Item]:
        visits = [(session, self.visit(session)) for session in self.sessions]
        held: list[tuple[str | Visit, str, Micros]] = [(visit, session, visit.started) for session, visit in visits]
        for what, session, at in [] if self.erased else [*held, *self.forms]:
            _, owner, requires = self.judge(session, at, rules)
            if owner:
                yield Item(what, at, owner, requires)

    def visit(self, session: str) -> Visit:
        events = self.sessions[session]
        times = [record["occurred_at"] for record in events.values()]
        pages = [record for record in events.values() if record["type"] != "identify"]
        # An identify event says where it was only if no page does.
        landing = min((record["type"] == "identify", record["occurred_at"], key) for key, record in events.items())
        return Visit(
            device=self.name,
            session=session,
            started=min(times),
            ended=max(times),
            pages=len(pages),
            pricing=sum(record["page_kind"] == "pricing" for record in pages),
            url=events[landing[2]]["url"],
            rep_link=any(record["rep_link"] for record in events.values()),
        )

    def judge(self, session: str, at: Micros, rules: IdentityRules) -> Judgement:
        """Whose a session that starts, or a form without an e-mail that is sent, at this time is."""
        if len({naming.identifier for naming in self.namings}) > rules.identifiers_per_device:
            return Judgement("shared")
        in_session = _persons_first([naming for naming in self.namings if naming.session == session])
        if in_session:
            return Judgement("identified", max(in_session).identifier)

        first: dict[str, Micros] = {}
        for naming in _persons_first(self.namings):
            first[naming.identifier] = min(naming.at, first.get(naming.identifier, naming.at))
        in_order = sorted((named_at, identifier) for identifier, named_at in first.items())
        before = [identifier for named_at, identifier in in_order if named_at <= at]
        if before:
            return Judgement("shared" if len(before) > 1 else "identified", before[-1], frozenset(before))
        for named_at, identifier in in_order[:1]:
            if named_at - at <= rules.look_back:
                return Judgement("identified", identifier)
        return Judgement("anonymous")


def _persons_first(namings: list[Naming]) -> list[Naming]:
    """Role inboxes only where no person was named."""
    return [naming for naming in namings if not naming.weak] or namings


def _session(record: Record, rules: IdentityRules) -> str:
    if not rules.is_blocked(record["session_id"]):
        return str(record["session_id"])
    return f"day:{datetime.fromtimestamp(record['occurred_at'] // SECOND, UTC).date()}"


def _devices(web: Keyed, forms: Keyed, rules: IdentityRules) -> dict[str, Device]:
    devices: dict[str, Device] = {}
    for key, record in (*web.items(), *forms.items()):
        name, at = record["anonymous_id"], record["occurred_at"]
        if rules.is_blocked(name):
            continue
        device = devices.setdefault(name, Device(name))
        if key in web and record["type"] == "erased":
            device.erased = True
            continue
        session, email = _session(record, rules), _address(record["email"], rules)
        if key in web:
            device.sessions[session][key] = record
        elif not email:
            device.forms.append((key, session, at))
        # A list that somebody imported says nothing of who sat at the device.
        if email and record.get("form_kind") != "imported_list":
            device.namings.append(Naming(at, email.identifier, email.weak, session))
    return devices


def _forms_by_email(forms: Keyed, rules: IdentityRules) -> Iterator[Item]:
    for key, record in forms.items():
        if email := _address(record["email"], rules):
            yield Item(key, record["occurred_at"], email.identifier)


# --- deals ---


def _deals(crm: Keyed, rules: IdentityRules) -> dict[str, Keyed]:
    deals: dict[str, Keyed] = defaultdict(dict)
    for key, record in crm.items():
        is_deal = record["record_kind"] == "opportunity" and record["type"] not in ORDERS
        if is_deal and not rules.is_blocked(record["record_id"]):
            deals[record["record_id"]][key] = record
    return deals


def _deal_owner(deal: Keyed, rules: IdentityRules) -> str | None:
    in_order = sorted((record["occurred_at"], key) for key, record in deal.items())
    for kind, name in (("contact", "primary_contact_id"), ("lead", "lead_id")):
        said = [owner for _, key in in_order if (owner := _record(kind, deal[key][name], rules))]
        if said:
            return said[-1]
    named = [
        (at, contact)
        for at, key in in_order
        for person in deal[key]["contacts"] or ()
        if (contact := _record("contact", person["contact_id"], rules))
    ]
    return min(named)[1] if named else None


def _deal_items(deal: Keyed, rules: IdentityRules) -> Iterator[Item]:
    if owner := _deal_owner(deal, rules):
        for key, record in deal.items():
            yield Item(key, record["occurred_at"], owner, deal=record["record_id"])
