"""Deals: one item holds all events of an opportunity, and folds into where the deal stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from streams.definition import Definition
from streams.journey.profile import ProfileReader
from streams.model import DAY, LeadEvent, Micros, Value

_CLOSING = {"opportunity_won": "won", "opportunity_lost": "lost"}
NEW_BUSINESS = "new_business"


@dataclass(slots=True)
class Deal:
    """`status` is open, won or lost; times in UTC microseconds; `cause`, `closed_by`: keys of events."""

    deal_id: str
    kind: str
    created_at: Micros
    cause: str
    closed_by: str = ""
    kind_then: str = ""  # as said so far
    status: str = "open"
    stage: str = ""
    closed_at: Micros | None = None
    said: dict[str, Value] = field(default_factory=dict)
    steps: int = 0
    owners: list[tuple[Micros, str]] = field(default_factory=list)

    def owner_at(self, at: Micros) -> str:
        """Whose deal it was then, '' if nobody was named by then."""
        return next((owner for since, owner in reversed(self.owners) if since <= at), "")


_SAID = (
    "amount", "currency", "reason", "reason_class", "competitor", "owner_id", "account_id", "account_name", "contacts",
    "lead_source", "marketing_source",
)  # fmt: skip


def deal_id_of(event: LeadEvent) -> str:
    """'' if the event is not one of a deal."""
    if event.data.get("record_kind") == "opportunity":
        return str(event.data.get("record_id") or "")
    return str(event.data.get("opportunity_id") or "") if event.type.startswith("opportunity_") else ""


class DealBook:
    """The deals of one lead, folded in the order of events."""

    def __init__(self, definition: Definition, events: Iterable[LeadEvent]) -> None:
        """`events`: all of the lead in order; a deal's kind is what was last said of it, before and after alike."""
        self._closed_stages = definition.closed_stages
        self.deals: dict[str, Deal] = {}
        self.kinds: dict[str, str] = {}
        self._default_kind = definition.deals.kind
        for event in events:
            if (kind := event.data.get("deal_kind")) and (deal_id := deal_id_of(event)):
                self.kinds[deal_id] = str(kind)

    def see(self, event: LeadEvent, facts: dict[str, Value]) -> None:
        """Adds the facts deal_kind, deal_kind_then, deal_step, open_deals to an event of a deal."""
        deal_id = deal_id_of(event)
        if not deal_id:
            return
        deal = self.deals.get(deal_id)
        if deal is None:
            kind = self.kinds.get(deal_id, self._default_kind)
            deal = self.deals[deal_id] = Deal(deal_id, kind, event.occurred_at, event.key)
        for name in _SAID:
            value = event.data.get(name)
            if value is not None and value != "":
                deal.said[name] = value
        if owner := event.data.get("owner_id"):
            deal.owners.append((event.occurred_at, str(owner)))
        deal.kind_then = str(event.data.get("deal_kind") or deal.kind_then or self._default_kind)
        facts["deal_kind"], facts["deal_kind_then"] = deal.kind, deal.kind_then
        if step := self._step(deal, event):
            facts["deal_step"] = step
        facts["open_deals"] = sum(one.status == "open" and one.kind == NEW_BUSINESS for one in self.deals.values())

    def _step(self, deal: Deal, event: LeadEvent) -> str:
        if status := _CLOSING.get(event.type):
            deal.status, deal.closed_at, deal.closed_by = status, event.occurred_at, event.key
            deal.stage = str(event.data.get("stage") or status)
            return status
        if event.type == "deleted":
            if deal.status == "open":
                deal.status, deal.closed_at, deal.closed_by = "lost", event.occurred_at, event.key
                deal.said["reason_class"] = "deleted"
            return ""
        if event.type not in ("opportunity_created", "opportunity_stage_changed"):
            return ""
        stage = str(event.data.get("stage") or "")
        closing = stage.casefold() in self._closed_stages
        first, moved = deal.steps == 0, bool(stage) and stage != deal.stage
        deal.steps += 1
        if closing:
            return "same"
        if deal.status != "open":
            if event.type == "opportunity_created" or not moved:
                return "same"
            deal.status, deal.closed_at, deal.closed_by = "open", None, ""
        deal.stage = stage or deal.stage
        return "opened" if first else "moved" if moved else "same"


def deal_of_nobody(definition: Definition, events: Iterable[LeadEvent]) -> dict[str, Any]:
    """The columns of a deal for its account alone; `events`: of that one deal."""
    ordered = sorted(events, key=lambda event: (event.occurred_at, event.key))
    book = DealBook(definition, ordered)
    for event in ordered:
        book.see(event, {})
    (deal,) = book.deals.values()
    columns = deal_row(deal, None, ProfileReader(definition).claim)
    domain = next((str(event.data["email_domain"]) for event in reversed(ordered) if "email_domain" in event.data), "")
    if not columns["account"] and domain:
        columns |= {"account": domain, "account_by": "domain"}
    nobodys = {"days_to_close": None, "channel": "", "origin": "unknown", "lead_then": ""}
    return {**columns, **nobodys, "definition_version": definition.version}


def deal_row(deal: Deal, first_contact: Micros | None, claim: Callable[[str], str]) -> dict[str, Any]:
    """The columns of `deals` that follow from the deal and the lead's first contact (None: no person is known).
    `claim` makes a channel of a source as people write it.

    `days_to_close` runs from the first contact for new business, else from the deal's making; null, never negative,
    for a deal that was won before its first contact.
    """
    before = first_contact is not None and deal.closed_at is not None and deal.closed_at < first_contact
    start = first_contact if first_contact is not None and deal.kind == NEW_BUSINESS else deal.created_at
    days = None if before or deal.closed_at is None else (deal.closed_at - start) / DAY
    said = deal.said
    return {
        "account": str(said.get("account_id") or said.get("account_name") or ""),
        "account_by": "crm" if said.get("account_id") or said.get("account_name") else "",
        "cause": deal.cause,
        "closed_by": deal.closed_by,
        "stage": deal.stage,
        "status": deal.status,
        "kind": deal.kind,
        "amount": float(said.get("amount", 0.0)),
        "currency": str(said.get("currency", "")),
        "created_at": deal.created_at,
        "closed_at": deal.closed_at,
        "reason": str(said.get("reason", "")),
        "reason_class": str(said.get("reason_class", "")),
        "competitor": str(said.get("competitor", "")),
        "owner": str(said.get("owner_id", "")),
        "contacts": str(said.get("contacts", "")),
        "claimed_by_sales": claim(str(said.get("lead_source", ""))),
        "claimed_by_marketing": claim(str(said.get("marketing_source", ""))),
        "before_first_contact": int(before),
        "days_to_close": days,
    }
