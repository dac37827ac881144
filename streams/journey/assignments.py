"""Each time that a person got the lead: what was known of it then, and what that person did with it.

The score is frozen at the assignment: what the lead does later makes the owner's choice neither better nor worse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from streams.definition import Definition
from streams.definition.duration import parse_duration
from streams.journey.attribution import Attribution
from streams.journey.business_time import Office, Offices
from streams.journey.history import History
from streams.journey.ownership import Change
from streams.journey.stages import Entry
from streams.model import SECOND, Micros

_ONE_DAY = parse_duration("1 business day")


class AssignmentMaker:
    def __init__(self, definition: Definition, offices: Offices) -> None:
        self._definition = definition
        self._offices = offices
        self._touches = frozenset(definition.origin.sales.moments)
        begins = max((definition.rank[stage.name] for stage in definition.stages if stage.begins_cycle), default=0)
        self._decisions = definition.aside | {name for name, rank in definition.line if rank > begins}

    def rows(
        self, history: History, entries: list[Entry], origins: Attribution
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Event key of the cause, and the columns of each assignment to a person."""
        changes = history.ownership.changes
        handed_over: set[int] = set()  # cycles; what came before the first is of the first
        for index, change in enumerate(changes):
            if change.how in ("found", "put_back"):
                continue
            seen = history.seen[change.place]
            until = changes[index + 1] if index + 1 < len(changes) else None
            cycle = max(seen.cycle, 1)
            handover = change.how == "given" and cycle not in handed_over
            if handover:
                handed_over.add(cycle)
            columns = self._row(change, until, history, entries, origins)
            yield seen.event.key, {**columns, "handover": int(handover)}

    def _row(
        self, change: Change, until: Change | None, history: History, entries: list[Entry], origins: Attribution
    ) -> dict[str, Any]:
        then = history.seen[change.place]
        profile = then.profile
        office = self._offices.of(change.person, profile.region)
        touched_at = self._touched_at(history, change, until)
        decided = self._decided(entries, change, until)
        origin = origins.at(change.at, profile)
        return {
            "cycle": then.cycle,
            "assigned_at": change.at,
            "owner": change.person,
            "before": change.before,
            "how": change.how,
            "until": until.at if until else None,
            "stage": then.stage,
            "ready": int(history.was_ready(change.at)),
            "score": float(then.score),
            "hot": int(then.hot),
            "cycle_began_at": self._cycle_began(entries, change, then.cycle),
            "inbound_at": _last_inbound(history, change.place),
            "touched_at": touched_at,
            "office_s": _office_seconds(office, change.at, touched_at),
            "day_due_at": office.after(change.at, _ONE_DAY),
            "decided_at": decided.entered_at if decided else None,
            "decided": decided.stage if decided else "",
            "channel": origin.channel,
            "origin": origin.origin,
            "size_band": profile.size_band,
            "industry": profile.industry,
            "region": profile.region,
            "source": then.event.source,
            "event_id": then.event.event_id,
            "definition_version": self._definition.version,
        }

    def _touched_at(self, history: History, change: Change, until: Change | None) -> Micros | None:
        """When somebody from sales first touched the lead while it was this person's."""
        end = until.at if until else None
        touched = (
            seen.counts_at
            for seen in history.seen
            if seen.counts_at >= change.at
            and (end is None or seen.counts_at < end)
            and not self._touches.isdisjoint(seen.moments)
        )
        return min(touched, default=None)

    def _decided(self, entries: list[Entry], change: Change, until: Change | None) -> Entry | None:
        """What first became of the lead in this person's hands: taken on, turned down, sent to nurture."""
        for entry in entries:
            if until and entry.place >= until.place:
                return None
            if entry.place >= change.place and not entry.regressed and entry.stage in self._decisions:
                return entry
        return None

    def _cycle_began(self, entries: list[Entry], change: Change, cycle: int) -> Micros | None:
        """When the lead responded in this cycle, if it had by then."""
        stages = self._definition.stage_named
        for entry in entries:
            if entry.cycle == cycle and not entry.regressed and not stages[entry.stage].first_only:
                return entry.entered_at if entry.entered_at <= change.at else None
        return None


def _last_inbound(history: History, place: int) -> Micros | None:
    """When the person last did something towards us, as known at the event in `place`."""
    for seen in reversed(history.seen[: place + 1]):
        inbound = seen.touch is not None and seen.touch.direction == "inbound"
        if inbound or seen.facts.get("activity_direction") == "inbound":
            return seen.event.occurred_at
    return None


def _office_seconds(office: Office, start: Micros, end: Micros | None) -> float | None:
    return None if end is None else office.between(start, end) / SECOND
