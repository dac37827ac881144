"""The CRM records of a person: which there are, since when, and which still live."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from streams.model import LeadEvent, Micros, Value

_PERSONS = ("lead", "contact")


@dataclass(slots=True)
class CrmRecord:
    kind: str
    record_id: str
    first_at: Micros
    live: bool = True


@dataclass(slots=True)
class Records:
    """Folded in the order of events. `changes`: when the person began or ceased to have a live record.

    What is dated before a record was made, but logged after it or known by day only, is no sign of the record.
    """

    made_at: dict[tuple[str, str], Micros] = field(default_factory=dict)
    theirs: Collection[str] = ()
    """Identifiers of this person."""
    known: dict[tuple[str, str], CrmRecord] = field(default_factory=dict)
    changes: list[tuple[Micros, bool, LeadEvent]] = field(default_factory=list)
    _live: int = 0

    @classmethod
    def of(cls, events: Iterable[LeadEvent], identifiers: Collection[str] = ()) -> Records:
        """Nothing seen yet; `events`: all that will be, for when they say that records were made."""
        made_at: dict[tuple[str, str], Micros] = {}
        for event in events:
            if event.type == "lead_created":
                name = str(event.data.get("record_kind") or ""), str(event.data.get("record_id") or "")
                made_at[name] = min(event.occurred_at, made_at.get(name, event.occurred_at))
        return cls(made_at, identifiers)

    def knows(self, event: LeadEvent) -> bool:
        """Whether anything was seen of the record that the event is about."""
        return (str(event.data.get("record_kind") or ""), str(event.data.get("record_id") or "")) in self.known

    def see(self, event: LeadEvent, facts: dict[str, Value], at: Micros) -> None:
        """Adds the fact `live_records` if one went with this event. `at`: when the event counts."""
        data = event.data
        kind, record_id = str(data.get("record_kind") or ""), str(data.get("record_id") or "")
        if kind not in _PERSONS or not record_id:
            return
        before = self._live
        if event.type == "deleted":
            self._end(kind, record_id, event)
        else:
            self._meet(kind, record_id, event, revive=event.type == "lead_created")
            other = str(data.get("other_record_id") or "")
            if event.type == "merged" and other:
                self._end(kind, other, event)
            elif event.type == "unmerged" and other and f"crm_{kind}:{other}" in self.theirs:
                self._meet(kind, other, event, revive=True)  # else it is somebody else's again
            elif event.type == "converted" and data.get("contact_id"):
                self._meet("contact", str(data["contact_id"]), event, revive=False)
        if self._live < before or event.type == "deleted":
            facts["live_records"] = self._live
        if bool(before) != bool(self._live):
            self.changes.append((at, bool(self._live), event))

    def crm_record_id(self) -> str:
        """Where the person is found in the CRM: a live contact, else a live lead, the earliest known; else ''."""
        live = [record for record in self.known.values() if record.live]
        if not live:
            return ""
        return min(live, key=lambda record: (record.kind != "contact", record.first_at, record.record_id)).record_id

    def _meet(self, kind: str, record_id: str, event: LeadEvent, *, revive: bool) -> None:
        record = self.known.get((kind, record_id))
        if record is None:
            if self._antedated(event, self.made_at.get((kind, record_id))):
                return
            self.known[kind, record_id] = CrmRecord(kind, record_id, event.occurred_at)
            self._live += 1
        elif revive and not record.live:
            record.live = True
            self._live += 1

    @staticmethod
    def _antedated(event: LeadEvent, made_at: Micros | None) -> bool:
        if made_at is None or event.occurred_at >= made_at:
            return False
        return event.recorded_at >= made_at or event.precision == "day"

    def _end(self, kind: str, record_id: str, event: LeadEvent) -> None:
        record = self.known.get((kind, record_id))
        if record is None:
            self.known[kind, record_id] = CrmRecord(kind, record_id, event.occurred_at, live=False)
        elif record.live:
            record.live = False
            self._live -= 1
