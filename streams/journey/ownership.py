"""Who owns the lead over time. A queue or an integration is no person: nobody calls from a queue."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from streams.model import LeadEvent, Micros

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Owner:
    """`person` is the last person that owned the lead, '' if none yet; `kind` is of the present owner."""

    person: str = ""
    kind: str = ""
    name: str = ""


NO_OWNER = Owner()


@dataclass(slots=True)
class Ownership:
    """The owners of a lead, in the order of events."""

    now: Owner = NO_OWNER
    _times: list[Micros] = field(default_factory=list)
    _owners: list[Owner] = field(default_factory=list)
    by_person: list[tuple[Micros, bool, LeadEvent]] = field(default_factory=list)

    def see(self, event: LeadEvent) -> None:
        """Any event of a person's record may name an owner; a deal's owner is not the lead's."""
        name = str(event.data.get("owner_id") or "")
        if not name or event.data.get("record_kind") not in ("lead", "contact"):
            return
        kind = str(event.data.get("owner_kind") or PERSON)
        if (name, kind) == (self.now.name, self.now.kind):
            return
        if (kind == PERSON) != (self.now.kind == PERSON):
            self.by_person.append((event.occurred_at, kind == PERSON, event))
        self.now = Owner(name if kind == PERSON else self.now.person, kind, name)
        self._times.append(event.occurred_at)
        self._owners.append(self.now)

    def at(self, time: Micros) -> Owner:
        place = bisect_right(self._times, time)
        return self._owners[place - 1] if place else NO_OWNER
