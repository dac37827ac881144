"""route: CRM events to the identifiers that they are about, and what they say of who is the same person.

An event of a lead or contact needs no state. A deal is one item with all its events: whose it is follows from all of
them, so they are kept per opportunity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from streams.event import event_key, lead_event
from streams.identity import deal as states
from streams.identity.deal import Deal
from streams.identity.identifiers import Hasher, IdentityRules
from streams.identity.messages import ORDERS, item, link, order
from streams.model import Effect, LeadEvent, Micros, Record, Reject, Row

_OTHER_SIDE = {"lead": ("contact", "contact_id"), "contact": ("lead", "lead_id")}


def keeps_state(record: Record) -> bool:
    """Whether a CRM record must come to the state of its record_id."""
    return bool(record["record_kind"] == "opportunity")


class Route:
    """A KeyedStep by CRM record id. Messages: {"record": decoded, "source_at": int}.

    `deal_of_nobody` makes the row of a deal for its account alone. in_vain: what was said may have been said in vain,
    as there are no transactions.
    """

    def __init__(
        self,
        rules: IdentityRules,
        hasher: Hasher,
        deal_of_nobody: Callable[[list[LeadEvent]], dict[str, Any]],
        in_vain: bool = True,
    ) -> None:
        self._rules = rules
        self._hasher = hasher
        self._deal_of_nobody = deal_of_nobody
        self._in_vain = in_vain

    def fresh(self, key: str) -> Deal:  # noqa: ARG002
        return Deal()

    def load(self, record: Record) -> Deal:
        return states.load(record)

    def dump(self, state: Deal) -> Record:
        return states.dump(state)

    def apply(self, state: Deal, offset: int, message: Record) -> Iterator[Effect]:  # noqa: ARG002
        record: Record = message["record"]
        kind: str = record["record_kind"]
        if record["type"] in ORDERS:
            yield from self._order(record, message["source_at"])
            return
        if self._rules.is_blocked(record["record_id"]):
            yield Reject("blocked_identifier", f"{kind} id {record['record_id']!r} says nothing")
            return
        address = self._hasher.address(record["email"]) if record["email"] else None
        event = lead_event(record, event_key(record), address.domain if address else None)
        if kind == "opportunity":
            yield from self._deal(state, record["record_id"], event, message["source_at"])
        elif kind != "account":
            email = address.identifier if address and not address.weak else None
            yield from self._person(record, event, email, message["source_at"])

    def _order(self, record: Record, source_at: Micros) -> Iterator[Effect]:
        """About an address or a record; to erase a record that has an address is to erase that as well."""
        kind, said = record["record_kind"], record["record_id"]
        addresses = [said] if kind == "email" else [record["email"]] if record["type"] == "erased" else []
        named = [address.identifier for text in addresses if text and (address := self._hasher.address(text))]
        if kind != "email" and (identifier := self._hasher.record(kind, said)):
            named.append(identifier)
        if not named:
            yield Reject("blocked_identifier", f"the {kind} that is to be {record['type']} can be nobody")
        mark = {"at": record["occurred_at"], "event_key": event_key(record)}
        for identifier in named:
            yield order(identifier, ORDERS[record["type"]], mark, source_at)

    def _person(self, record: Record, event: LeadEvent, email: str | None, source_at: Micros) -> Iterator[Effect]:
        kind = record["record_kind"]
        identifier = self._hasher.record(kind, record["record_id"])
        assert identifier is not None
        yield item(identifier, f"crm:{event.key}", 1, [event.record()], source_at)
        mark = {"at": event.occurred_at, "event_key": event.key}
        if email is not None:
            yield link(identifier, email, "routine", mark, source_at)
        if event.type == "converted":
            other_kind, name = _OTHER_SIDE[kind]
            other = self._hasher.record(other_kind, record[name])
            if other is not None:
                yield link(identifier, other, "routine", mark, source_at)
        elif event.type in ("merged", "unmerged"):
            other = self._hasher.record(kind, record["other_record_id"])
            if other is not None and other != identifier:
                yield link(identifier, other, "merge" if event.type == "merged" else "unmerge", mark, source_at)

    def _deal(self, state: Deal, deal_id: str, event: LeadEvent, source_at: Micros) -> Iterator[Effect]:
        """To whose deal it is, and that it is not theirs to whoever had it. The account's row is always said: it
        counts where no person has the deal, also when that person is erased."""
        before = states.person_of(state.in_order(), self._hasher.record)
        if dropped := state.add(event, self._rules.events_per_deal):
            yield Reject("too_many_deal_events", f"event {dropped} of deal {deal_id}, which has {len(state.events)}")
        events = state.in_order()
        person = states.person_of(events, self._hasher.record)
        concerned = {who for who in (before, person) if who}
        if self._in_vain:  # in another order of the two topics anybody who was named may have been told
            state.told |= {*concerned, *states.named_by(event.record(), self._hasher.record)}
            concerned = state.told
        for identifier in sorted(concerned):
            said = events if identifier == person else None
            yield item(identifier, f"deal:{deal_id}", state.version, said, source_at)
        row = self._deal_of_nobody([LeadEvent(**each) for each in events])
        yield Row("deals", ("", deal_id), row, state.version)
