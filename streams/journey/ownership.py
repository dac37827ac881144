"""Who owns the lead over time. A queue or an integration is no person: nobody calls from a queue."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from streams.model import LeadEvent, Micros, Value

PERSON = "person"
How = Literal["found", "taken", "given", "passed_on", "put_back"]


@dataclass(frozen=True, slots=True)
class Owner:
    """`person` is the last person that owned the lead, '' if none yet; `kind` is of the present owner."""

    person: str = ""
    kind: str = ""
    name: str = ""


NO_OWNER = Owner()


class Change(NamedTuple):
    """A person got the lead, or lost it to nobody; `place` is the event's in the history, `before` the last person.

    It was `found` with the person in a snapshot: nobody knows since when.
    """

    at: Micros
    how: How
    person: str
    before: str
    place: int


@dataclass(slots=True)
class Ownership:
    """The owners of a lead, in the order of events."""

    now: Owner = NO_OWNER
    _times: list[Micros] = field(default_factory=list)
    _owners: list[Owner] = field(default_factory=list)
    by_person: list[tuple[Micros, bool, LeadEvent]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def see(self, event: LeadEvent, facts: dict[str, Value], at: Micros, place: int, *, snapshot: bool) -> None:
        """Any event of a person's record may name an owner; a deal's owner is not the lead's. Adds `owner_change`.

        `at`: when the event counts. `snapshot`: nothing was known of the record before.
        """
        name = str(event.data.get("owner_id") or "")
        if not name or event.data.get("record_kind") not in ("lead", "contact"):
            return
        kind = str(event.data.get("owner_kind") or PERSON)
        before = self.now
        if (name, kind) == (before.name, before.kind):
            return
        if (kind == PERSON) != (before.kind == PERSON):
            self.by_person.append((at, kind == PERSON, event))
        self.now = Owner(name if kind == PERSON else before.person, kind, name)
        self._times.append(at)
        self._owners.append(self.now)
        if PERSON in (kind, before.kind):
            how = "found" if snapshot and not before.name else _how(event, name, kind, before)
            facts["owner_change"] = how
            self.changes.append(Change(at, how, self.now.person, before.person, place))

    def at(self, time: Micros) -> Owner:
        place = bisect_right(self._times, time)
        return self._owners[place - 1] if place else NO_OWNER


def _how(event: LeadEvent, name: str, kind: str, before: Owner) -> How:
    if kind != PERSON:
        return "put_back"
    if before.kind == PERSON:
        return "passed_on"
    data = event.data
    made = event.type == "lead_created"
    by = data.get("created_by" if made else "changed_by")
    return "taken" if by == name or (made and data.get("created_how") == "manual") else "given"
