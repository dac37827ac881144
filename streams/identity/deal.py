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
    """Identifiers that were told of it."""

    def add(self, event: LeadEvent, cap: int) -> str:
        """Where there are too many, those of the smallest keys stay; the key of the one that does not, else ''."""
        if event.key in self.events:
            return ""
        if len(self.events) >= cap and event.key > max(self.events):
            return event.key
        self.events[event.key] = event.record()
        self.version += 1
        if len(self.events) <= cap:
            return ""
        del self.events[last := max(self.events)]
        return last

    def in_order(self) -> list[Record]:
        return sorted(self.events.values(), key=lambda event: (event["occurred_at"], event["key"]))


def load(record: Record) -> Deal:
    return Deal(record["version"], {event["key"]: event for event in record["events"]}, set(record["told"]))


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


def row(events: Sequence[Record], definition_version: str) -> dict[str, Any]:
    """The columns of a deal for its account alone. events: in order."""

    def last(*names: str, default: Any = "") -> Any:
        """Of the first of these names that was ever said."""
        for name in names:
            for event in reversed(events):
                if name in event["data"]:
                    return event["data"][name]
        return default

    moves = [event for event in events if event["type"] in _MOVES]
    status = _STATUS.get(moves[-1]["type"], "open") if moves else "open"
    account = last("account_id", "account_name")
    made = min(events, key=lambda event: (event["type"] != "opportunity_created", event["occurred_at"], event["key"]))
    return {
        "lead_then": "",
        "account": account or last("email_domain"),
        "account_by": "crm" if account else "domain" if last("email_domain") else "",
        "cause": made["key"],
        "closed_by": "" if status == "open" else moves[-1]["key"],
        "stage": last("stage"),
        "status": status,
        "kind": last("deal_kind", default="new_business"),
        "amount": float(last("amount", default=0.0)),
        "currency": last("currency"),
        "created_at": made["occurred_at"],
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
