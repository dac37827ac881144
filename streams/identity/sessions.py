"""sessionize: web and form events, by device, to sessions, and to whom each session and form belongs.

A device never joins two people: it only says whose its sessions are. A session is the one's who was identified in it,
else the one's who was identified before; before anybody was, inside the look-back, the first one's. After a second
one was identified, a session that names nobody is nobody's, unless all of them turn out to be one person (`requires`).

Told is the owner, with the content, and who was the owner before, that it is not theirs any more; at a version that
grows with all that decides on it. Without transactions something may have been told in vain, in an order of the two
topics that never came to be: then everybody known on the device is told of each session, so that what is told last
stays.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from streams.event import event_digest, event_key, lead_event
from streams.identity import device as states
from streams.identity.device import OTHER, Device, Session
from streams.identity.identifiers import Address, Hasher, IdentityRules, rank
from streams.identity.messages import FOREVER, item
from streams.model import Effect, LeadEvent, Micros, Record, Reject, Row, Value

Claim = tuple[str | None, Sequence[str], str]
"""Owner, what must be one person for it, and how the visit is counted: anonymous, identified or shared."""
Claims = dict[str, Claim]
"""By item."""
_NOBODYS: Claim = (None, (), "anonymous")


def device_of(topic: str, record: Record, hasher: Hasher) -> str | Reject:
    """The key of a web or form record (topic: web or form): its device, else `email:<hash>` of a form's address."""
    anonymous_id: str | None = record["anonymous_id"]
    if not hasher.rules.is_blocked(anonymous_id):
        assert anonymous_id is not None
        return hasher.pseudonym(anonymous_id)  # some sites set the login as the id
    address = hasher.address(record["email"]) if topic == "form" else None
    if address is None:
        return Reject("blocked_identifier", f"no usable anonymous_id ({anonymous_id!r}) nor e-mail address")
    return address.identifier


def session_of(record: Record, hasher: Hasher) -> str:
    """The session's name; without one, the UTC day is the session."""
    name: str | None = record["session_id"]
    if name and not hasher.rules.is_blocked(name):
        return hasher.pseudonym(name)
    return f"day:{datetime.fromtimestamp(record['occurred_at'] // 1_000_000, UTC):%Y-%m-%d}"


class Sessionize:
    """A KeyedStep by device. Messages: {"topic": "web" or "form", "record": decoded, "source_at": int}.

    `channel_of` gets the landing's fields (url, referrer, utm_*, ..., rep_link) and names the channel. in_vain: what
    was said may have been said in vain, as there are no transactions.
    """

    def __init__(
        self,
        rules: IdentityRules,
        hasher: Hasher,
        channel_of: Callable[[Mapping[str, Any]], str],
        definition_version: str = "",
        in_vain: bool = True,
    ) -> None:
        self._in_vain = in_vain
        self._definition_version = definition_version
        self._rules = rules
        self._hasher = hasher
        self._channel_of = channel_of
        self._cap = rules.events_per_session

    def fresh(self, key: str) -> Device:
        return Device(key)

    def load(self, record: Record) -> Device:
        return states.load(record)

    def dump(self, state: Device) -> Record:
        return states.dump(state)

    def apply(self, state: Device, offset: int, message: Record) -> Iterator[Effect]:  # noqa: ARG002
        record: Record = message["record"]
        source_at: Micros = message["source_at"]
        address = self._hasher.address(record["email"]) if record["email"] else None
        if message["topic"] == "web":
            return self._web(state, record, address, source_at)
        return self._form(state, record, address, source_at)

    def _web(self, state: Device, record: Record, address: Address | None, source_at: Micros) -> Iterator[Effect]:
        if record["type"] == "erased":
            before = self._claims(state)
            state.erased = True
            for each in state.sessions.values():
                state.forget(each)
            yield from self._tell(state, None, True, before, source_at)
            return
        name = session_of(record, self._hasher)
        before = self._claims(state, None if address else name)
        news = address is not None and self._name(state, address, record["occurred_at"])
        session = state.sessions.get(name)
        if session is None:
            session = yield from self._admit(state, name, before, source_at)
        if session is not None and not state.erased:
            session.visit(record, int.from_bytes(event_digest(record)[:8], "big"), self._cap)
            if address is not None:
                _name_in(session, address, record["occurred_at"])
        yield from self._tell(state, session, news, before, source_at)

    def _form(self, state: Device, record: Record, address: Address | None, source_at: Micros) -> Iterator[Effect]:
        key = event_key(record)
        event = lead_event(record, key, address.domain if address else None)
        if address is not None:
            yield item(address.identifier, f"form:{key}", 1, [event.record()], source_at)
            # A list that was imported says nothing about who sat at the device, and without a device there is none.
            if record["form_kind"] == "imported_list" or self._rules.is_blocked(record["anonymous_id"]):
                return
        at = record["occurred_at"]
        name = session_of(record, self._hasher)
        before = self._claims(state, None if address else name)
        news = address is not None and self._name(state, address, at)
        session = state.sessions.get(name)
        if session is None:
            session = yield from self._admit(state, name, before, source_at)
        if session is not None:
            session.count(int(key[:16], 16), OTHER, self._cap)
            if address is None:
                yield from self._keep_form(state, session, event, source_at)
            elif not state.erased:
                _name_in(session, address, at)
        elif address is None:
            yield from self._withdraw(state, f"form:{key}", {}, source_at)
        yield from self._tell(state, session, news, before, source_at)

    def _name(self, state: Device, address: Address, at: Micros) -> bool:
        return state.name_as(address.identifier, address.weak, at, self._rules.identifiers_per_device)

    def _claims(self, state: Device, name: str | None = None) -> Claims | None:
        """Whose is what, of this session or of all; None: whoever may have been told what is not known."""
        if self._in_vain:
            return None
        some = list(state.sessions.values()) if name is None else [*filter(None, [state.sessions.get(name)])]
        return self._claims_of(state, some)

    def _claims_of(self, state: Device, sessions: list[Session]) -> Claims:
        return {key: claim for session in sessions for key, _, claim in self._items(state, session)}

    def _items(self, state: Device, session: Session) -> Iterator[tuple[str, Record | None, Claim]]:
        """Item, form, and whose it is; the visit, if it was one, comes first and is no form."""
        if session.landing_order is not None or state.erased:
            yield f"session:{session.key_on(state.name)}", None, self._claim(state, session, session.started)
        for key, form in session.forms.items():
            yield f"form:{key}", form, self._claim(state, session, form["occurred_at"])

    def _tell(
        self, state: Device, session: Session | None, everything: bool, before: Claims | None, source_at: Micros
    ) -> Iterator[Effect]:
        """Say whose what is. A touched session is said again even if nothing about it is new: it may be a repetition
        after a crash that lost what was said."""
        if everything:
            for each in state.sessions.values():
                yield from self._tell_session(state, each, each is session, before, source_at)
        elif session is not None:
            yield from self._tell_session(state, session, True, before, source_at)

    def _tell_session(
        self, state: Device, session: Session, touched: bool, before: Claims | None, source_at: Micros
    ) -> Iterator[Effect]:
        version = state.version(session, self._cap)
        for name, form, claim in self._items(state, session):
            if form is None:  # a row may always have been written in vain, as it is no part of a transaction
                visit = None if state.erased else self._visit(session, name, claim[2])
                yield Row("visits", (state.name, session.name), visit, version)
            for identifier in self._concerned(state, session, touched, claim, before, name):
                if identifier == claim[0]:
                    event = form or self._summary(state, session, name).record()
                    yield item(identifier, name, version, [event], source_at, claim[1])
                else:
                    yield item(identifier, name, version, None, source_at)

    def _concerned(
        self, state: Device, session: Session, touched: bool, claim: Claim, before: Claims | None, name: str
    ) -> list[str]:
        """Whom to tell of an item."""
        if before is None:
            # In a crowd nothing will ever be anybody's: to say so with a session's first event is enough.
            known = state.crowd and touched and len(session.seen) > 1
            return [] if known else state.identifiers()
        was = before.get(name, _NOBODYS)
        if claim == was and not touched:
            return []
        return sorted({who for who in (was[0], claim[0]) if who})

    def _claim(self, state: Device, session: Session, at: Micros) -> Claim:
        """Whose is what happened in this session at this time?"""
        book = state.named or state.mailboxes
        if not book:
            return None, (), "anonymous"
        if state.crowd or state.erased:
            return None, (), "shared"
        within = session.named[1] or session.mailbox[1]
        if within:
            return within, (), "identified"
        before = [(first, who) for who, first in book.items() if first <= at]
        if len(before) == 1:
            return before[0][1], (), "identified"
        if before:
            return max(before)[1], sorted(who for _, who in before), "shared"
        first, who = min((first, who) for who, first in book.items())
        return (who, (), "identified") if first - at <= self._rules.look_back else (None, (), "anonymous")

    def _visit(self, session: Session, name: str, ownership: str) -> dict[str, Any]:
        landing = session.landing
        if session.channel is None:
            session.channel = self._channel_of({**landing, "rep_link": session.rep_link})
        return {
            "started_at": session.started,
            "ended_at": session.ended,
            "pages": session.pages(),
            "channel": session.channel,
            "country": landing.get("country", ""),
            "landing": landing.get("url", ""),
            "ownership": ownership,
            "cause": name.removeprefix("session:"),
            "definition_version": self._definition_version,
        }

    def _summary(self, state: Device, session: Session, name: str) -> LeadEvent:
        data: dict[str, Value] = {
            **session.landing,
            "rep_link": session.rep_link,
            "pages": session.pages(),
            "pricing_pages": session.counts[states.PRICING],
            "demo_pages": session.counts[states.DEMO],
            "ended_at": session.ended,
            "anonymous_id": state.name,
            "session_id": session.name,
        }
        return LeadEvent(
            key=name.removeprefix("session:"),
            type="session",
            occurred_at=session.started,
            recorded_at=session.landing_recorded,
            source=session.landing_source,
            event_id=session.name,
            precision="day" if session.landing_precision == "day" else "second",
            data=data,
        )

    def _admit(
        self, state: Device, name: str, before: Claims | None, source_at: Micros
    ) -> Generator[Effect, None, Session | None]:
        """A new session, in the place of another where there are too many: those of the smallest hashes stay."""
        if len(state.sessions) >= self._rules.sessions_per_device:
            last = max([*state.sessions, name], key=rank)
            yield Reject("too_many_sessions", f"session {last!r} of a device with {len(state.sessions)} sessions")
            yield Row("visits", (state.name, last), None, FOREVER)
            dropped = state.sessions.pop(last, None) or Session(last)
            claims = self._claims_of(state, [dropped]) | (before or {})
            yield from self._withdraw(state, f"session:{dropped.key_on(state.name)}", claims, source_at)
            for key in dropped.forms:
                yield from self._withdraw(state, f"form:{key}", claims, source_at)
            if last == name:
                return None
        session = state.sessions[name] = Session(name)
        return session

    def _keep_form(self, state: Device, session: Session, event: LeadEvent, source_at: Micros) -> Iterator[Effect]:
        form = event.record()
        session.forms[event.key] = states.without_content(form) if state.erased else form
        if len(session.forms) > self._rules.forms_per_session:
            last = max(session.forms)
            del session.forms[last]
            yield Reject("too_many_forms", f"session {session.name!r} with {len(session.forms)} forms")
            yield from self._withdraw(state, f"form:{last}", None, source_at)

    def _withdraw(self, state: Device, name: str, claims: Claims | None, source_at: Micros) -> Iterator[Effect]:
        """claims: whose it was so far; None: anybody's."""
        everybody = self._in_vain or claims is None
        for identifier in state.identifiers() if everybody else filter(None, [(claims or {}).get(name, _NOBODYS)[0]]):
            yield item(identifier, name, FOREVER, None, source_at)


def _name_in(session: Session, address: Address, at: Micros) -> None:
    if address.weak:
        session.mailbox = max(session.mailbox, (at, address.identifier))
    else:
        session.named = max(session.named, (at, address.identifier))
