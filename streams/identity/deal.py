"""What is kept of an opportunity: its events; and what they say together, whatever their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from streams.model import LeadEvent, Record

_DIGITS = 13  # of an event's key
MOST_EVENTS_OF_A_DEAL = 2000  # so many such numbers still fit into 63 bits
_LARGEST = 16**_DIGITS


@dataclass(slots=True)
class Deal:
    events: dict[str, Record] = field(default_factory=dict)
    """LeadEvents by key."""
    told: set[str] = field(default_factory=set)
    """Identifiers that may have been told of it; kept only where something may have been told in vain."""

    @property
    def version(self) -> int:
        """Higher with every change of `events`, and the same for the same events: it is no count of changes, as before
        a crash others may have come, in another order of the two topics."""
        return sum(_LARGEST - int(key[:_DIGITS], 16) for key in self.events)

    def add(self, event: LeadEvent, cap: int) -> str:
        """Where there are too many, those of the smallest keys stay; the key of the one that does not, else ''."""
        if event.key in self.events:
            return ""
        if len(self.events) >= cap and event.key > max(self.events):
            return event.key
        self.events[event.key] = event.record()
        if len(self.events) <= cap:
            return ""
        del self.events[last := max(self.events)]
        return last

    def in_order(self) -> list[Record]:
        return sorted(self.events.values(), key=lambda event: (event["occurred_at"], event["key"]))


def load(record: Record) -> Deal:
    return Deal({event["key"]: event for event in record["events"]}, set(record["told"]))


def dump(deal: Deal) -> Record:
    return {"version": deal.version, "events": list(deal.events.values()), "told": sorted(deal.told)}


def person_of(events: Sequence[Record], identifier_of: Callable[[str, str], str | None]) -> str | None:
    """Whose deal: the primary contact's as last said, else the lead's that it was made from, else the contact's that
    was named first.

    events: in order. identifier_of: (lead or contact, record id) -> identifier, None for a blocked id.
    """
    for kind, name in (("contact", "primary_contact_id"), ("lead", "lead_id")):
        for event in reversed(events):
            person = identifier_of(kind, str(event["data"].get(name, "")))
            if person is not None:
                return person
    named = [
        (event["occurred_at"], contact)
        for event in events
        for said in str(event["data"].get("contacts", "")).split(",")
        if (contact := identifier_of("contact", said.rpartition(":")[0])) is not None
    ]
    return min(named)[1] if named else None


def named_by(event: Record, identifier_of: Callable[[str, str], str | None]) -> Iterator[str]:
    """Everybody whose deal it could be because of this event."""
    data = event["data"]
    contacts = [said.rpartition(":")[0] for said in str(data.get("contacts", "")).split(",")]
    ids = [("contact", str(data.get("primary_contact_id", ""))), ("lead", str(data.get("lead_id", "")))]
    for kind, record_id in (*ids, *(("contact", contact) for contact in contacts)):
        if (person := identifier_of(kind, record_id)) is not None:
            yield person
