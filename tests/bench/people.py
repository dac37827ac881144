"""Leads by number, with the states that a worker would have of them, made in bulk.

A few hundred people live their story in memory, step by step; everybody else is one of them under another name. All
that names somebody has the same length, so another name is a replacement in the encoded bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import blake2b
from random import Random
from typing import Any, NamedTuple

from streams.identity.identifiers import Hasher
from streams.identity.links import Orders, Registers
from streams.identity.messages import evidence
from streams.journey.journey import Journey
from streams.journey.rows import RowMaker
from streams.model import DAY, MINUTE, Micros
from tests.support.in_memory import Funnel, definition

BEGAN: Micros = 1_750_000_000_000_000
EMAIL_KEY = b"a secret for tests only"  # of tests.support.company
_FIRST_TEMPLATE = 90_000_000
_TEMPLATES = 100
_TABLES = ("sessionize", "route", "identify", "journey")


class Names(NamedTuple):
    """All that one person is called by. `lead`: where everything of theirs is; `former`: of their CRM record alone."""

    device: str
    email: str
    record: str
    deal: str
    address: str
    lead: str
    former: str


def names(number: int) -> Names:
    """Of person `number`, below 100 million."""
    email, record = f"person{number:08d}@acme.example", f"00Q5e{number:08d}"
    address = _HASHER.address(email)
    assert address is not None
    lead, former = _HASHER.lead_id(address.identifier), _HASHER.lead_id(f"crm_lead:{record}")
    device, deal = f"device-{number:08d}", f"0065e{number:08d}"
    return Names(device, email, record, deal, address.identifier.removeprefix("email:"), lead, former)


_HASHER = Hasher(EMAIL_KEY, definition().identity_rules)


class Stored(NamedTuple):
    """A changelog entry, or with table "" a record of the log of links."""

    table: str
    key: bytes
    value: bytes


class Form:
    """Bytes with the names cut out."""

    def __init__(self, text: bytes, cut: Names) -> None:
        which = {name.encode(): number for number, name in enumerate(cut)}
        self._parts = re.split(b"(" + b"|".join(map(re.escape, which)) + b")", text)
        self._names = [which[part] for part in self._parts[1::2]]

    def filled(self, names: Sequence[bytes]) -> bytes:
        parts = self._parts.copy()
        parts[1::2] = [names[number] for number in self._names]
        return b"".join(parts)


class Template:
    """The states of one made-up person. `events`: how many their lead has."""

    def __init__(self, number: int) -> None:
        self._names = names(number)
        funnel = Funnel()
        story = list(_story(self._names, Random(number)))
        funnel.take((topic, key, funnel.codec.encode(f"events/{topic}", record)) for topic, key, record in story)
        assert not funnel.rejects, funnel.rejects[0]
        self.stored = []
        for (step, key), value in funnel.states.items():
            if step not in _TABLES or not key:
                continue
            schema = {"sessionize": "device", "route": "record", "identify": "node", "journey": "lead"}[step]
            state = funnel.codec.decode(f"state/{schema}", value)
            if "applied" in state:  # by no offset of the topics to come
                state["applied"] = -1
            self.stored.append(Stored(step, key.encode(), funnel.codec.encode(f"state/{schema}", state)))
        mark = {"at": story[-1][2]["occurred_at"], "event_key": f"{number:032x}"}
        link = evidence(f"crm_lead:{self._names.record}", f"email:{self._names.address}", mark["at"], Registers(mark),
                        Orders()).message  # fmt: skip
        self.stored.append(Stored("", b"", funnel.codec.encode("internal/links", link)))
        lead = funnel.rows["leads", self._names.lead]
        assert lead is not None
        self.events: int = lead["events"]
        self._funnel = funnel

    @cached_property
    def _said(self) -> list[tuple[bytes, Form]]:
        """Of each row of the lead: its digest, and what that is a digest of."""
        journey = Journey(definition())
        (value,) = (one.value for one in self.stored if one.key == self._names.lead.encode() and one.table == "journey")
        state = journey.load(self._funnel.codec.decode("state/lead", value))
        rows = RowMaker(definition()).rows(state.lead_id, state.inbox.events(), state.inbox.nodes())
        told = [repr(list(columns.values())).encode() for columns in rows.values()]
        return [(_digest(text), Form(text, self._names)) for text in told]

    @cached_property
    def _forms(self) -> list[tuple[str, Form, Form]]:
        return [(one.table, Form(one.key, self._names), Form(one.value, self._names)) for one in self.stored]

    def called(self, other: Names, *, exact: bool) -> Iterator[Stored]:
        """The same under another name. exact: also the digests of rows, so that an event says only what is new."""
        given = [name.encode() for name in other]
        for table, key, value in self._forms:
            made = value.filled(given)
            if exact and table == "journey":
                for digest, text in self._said:
                    made = made.replace(digest, _digest(text.filled(given)))
            yield Stored(table, key.filled(given), made)


def _digest(text: bytes) -> bytes:
    """As streams.journey.journey makes it."""
    return blake2b(text, digest_size=8).digest()


class People:
    """Everybody, by number."""

    def __init__(self, templates: int = _TEMPLATES) -> None:
        self._templates = [Template(_FIRST_TEMPLATE + number) for number in range(templates)]

    def stored(self, number: int, *, exact: bool) -> Iterator[Stored]:
        return self._template(number).called(names(number), exact=exact)

    def events(self, number: int) -> int:
        """How many events the lead has by its stored state."""
        return self._template(number).events

    def _template(self, number: int) -> Template:
        return self._templates[number % len(self._templates)]


Event = tuple[str, bytes, dict[str, Any]]
"""topic, key, record."""


def visit(who: Names, event_id: str, at: Micros, session: str, source: str = "bench") -> Event:
    record = {
        **_envelope(event_id, at, source),
        "type": "page_view",
        "anonymous_id": who.device,
        "session_id": session,
        "url": "https://www.example.com/product?x=1",
        "referrer": "https://www.google.com/",
        "page_kind": "product",
    }
    return "web", who.device.encode(), record


def form(who: Names, event_id: str, at: Micros, session: str, source: str = "bench") -> Event:
    record = {
        **_envelope(event_id, at, source),
        "type": "form_submitted",
        "anonymous_id": who.device,
        "session_id": session,
        "email": who.email,
        "form_kind": "demo_request",
        "company_size": "200",
        "industry": "machinery",
    }
    return "form", who.device.encode(), record


def crm(who: Names, event_id: str, at: Micros, source: str = "bench", **said: Any) -> Event:
    record = {**_envelope(event_id, at, source), "record_kind": "lead", "record_id": who.record, "email": who.email}
    return "crm", who.record.encode(), {**record, **said}


def call(who: Names, event_id: str, at: Micros, source: str = "bench") -> Event:
    """A person of sales was on the phone with them."""
    said = {"activity_kind": "call", "activity_direction": "outbound", "activity_human": True}
    return crm(who, event_id, at, source, type="activity_logged", actor_role="sales", actor_id="rep1", **said)


def _envelope(event_id: str, at: Micros, source: str) -> dict[str, Any]:
    return {"event_id": event_id, "source": source, "occurred_at": at, "recorded_at": at}


def _story(who: Names, rng: Random) -> Iterator[Event]:
    """Visits, a form, a CRM lead; for some an owner, a call, more visits, a deal."""
    at = BEGAN + rng.randrange(30 * DAY)
    for page in range(rng.randrange(3)):
        yield visit(who, f"v{page}", at + page * MINUTE, f"{who.device}-a")
    at += rng.randrange(5, 50) * MINUTE
    yield form(who, "form", at, f"{who.device}-a")
    at += rng.randrange(5, 50) * MINUTE
    yield crm(who, "made", at, type="lead_created", status="New")
    if rng.random() < 0.5:
        at += rng.randrange(5, 50) * MINUTE
        yield crm(who, "owner", at, type="assigned", owner_id=f"rep{rng.randrange(7)}", owner_kind="person")
    if rng.random() < 0.4:
        at += rng.randrange(5, 500) * MINUTE
        yield call(who, "call", at)
    if rng.random() < 0.3:
        at += rng.randrange(DAY)
        yield visit(who, "back", at, f"{who.device}-b")
    if rng.random() < 0.15:
        at += rng.randrange(DAY)
        said: dict[str, Any] = {"amount": 24000.0, "currency": "EUR", "deal_kind": "new_business", "stage": "Discovery"}
        said |= {"record_kind": "opportunity", "record_id": who.deal, "opportunity_id": who.deal, "lead_id": who.record}
        topic, _, record = crm(who, "deal", at, type="opportunity_created", **said)
        yield topic, who.deal.encode(), record
