"""What is kept of an opportunity: its events; and what they say together, whatever their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.model import LeadEvent, Record

_STATUS = {"opportunity_won": "won", "opportunity_lost": "lost"}
_MOVES = {*_STATUS, "opportunity_created", "opportunity_stage_changed"}


@dataclass(slots=True)
class Deal:
    version: int = 0
    """Number of changes of `events`."""
    events: dict[str, Record] = field(default_factory=dict)
    """LeadEvents by key."""
    told: set[str] = field(default_factory=set)
    """Identifiers that were told of it; "": the row of a deal without a person was."""

    def add(self, event: LeadEvent, cap: int) -> None:
        """Where there are too many, those of the smallest keys stay."""
        if event.key in self.events or (len(self.events) >= cap and event.key > max(self.events)):
            return
        self.events[event.key] = event.record()
        if len(self.events) > cap:
            del self.events[max(self.events)]
        self.version += 1

    def in_order(self) -> list[Record]:
        return sorted(self.events.values(), key=lambda event: (event["occurred_at"], event["key"]))


def load(record: Record) -> Deal:
    return Deal(record["version"], {event["key"]: event for event in record["events"]}, set(record["told"]))


def dump(deal: Deal) -> Record:
    return {"version": deal.version, "events": list(deal.events.values()), "told": sorted(deal.told)}


def person_of(events: Sequence[Record], identifier_of: Callable[[str, str], str | None]) -> str | None:
    """Whose deal: the primary contact's as last said, else the converted lead's, else the first contact's by id.

    events: in order. identifier_of: (lead or contact, record id) -> identifier, None for a blocked id.
    """
    for kind, name in (("contact", "primary_contact_id"), ("lead", "lead_id")):
        for event in reversed(events):
            person = identifier_of(kind, str(event["data"].get(name, "")))
            if person is not None:
                return person
    contacts = {
        contact.rpartition(":")[0] for event in events for contact in str(event["data"].get("contacts", "")).split(",")
    }
    return min(filter(None, (identifier_of("contact", contact) for contact in contacts)), default=None)


def row(events: Sequence[Record], definition_version: str) -> dict[str, Any]:
    """The columns of a deal of which no person is known. events: in order."""

    def last(*names: str, default: Any = "") -> Any:
        for event in reversed(events):
            for name in names:
                if name in event["data"]:
                    return event["data"][name]
        return default

    moves = [event for event in events if event["type"] in _MOVES]
    status = _STATUS.get(moves[-1]["type"], "open") if moves else "open"
    created = [event["occurred_at"] for event in events if event["type"] == "opportunity_created"]
    return {
        "account": last("account_name", "account_id"),
        "stage": last("stage"),
        "status": status,
        "kind": last("deal_kind", default="new_business"),
        "amount": float(last("amount", default=0.0)),
        "currency": last("currency"),
        "created_at": min(created, default=events[0]["occurred_at"]),
        "closed_at": None if status == "open" else moves[-1]["occurred_at"],
        "reason": last("reason"),
        "reason_class": last("reason_class"),
        "competitor": last("competitor"),
        "owner": last("owner_id"),
        "before_first_contact": 0,
        "days_to_close": None,
        "channel": "",
        "origin": "unknown",
        "definition_version": definition_version,
    }
