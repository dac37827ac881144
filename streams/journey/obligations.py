"""Who owed what: obligations as the definition declares them, over the history of one lead.

Nothing here knows the time of asking; `state_at` says how an obligation stands at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from streams.definition import Definition
from streams.definition.duration import Duration
from streams.definition.model import ASIDE, LATER, Clause, Obligation
from streams.journey.attribution import Attribution, Origin
from streams.journey.business_time import BusinessClock, after
from streams.journey.deals import deal_id_of
from streams.journey.history import History, Seen
from streams.journey.stages import Entry
from streams.model import LeadEvent, Micros

_EVER: Micros = -(2**62)
State = Literal["open", "warned", "leaking", "met", "recovered", "lost", "voided"]


def state_at(obligation: Mapping[str, Any], time: Micros) -> State | None:
    """How a row of `obligations` stands at `time`; None before it was opened. What came after `time` does not count."""
    if time < obligation["opened_at"]:
        return None
    met, ended = obligation["met_at"], obligation["ended_at"]
    if met is not None and met <= time:
        return "met" if met <= obligation["due_at"] else "recovered"
    if ended is not None and ended <= time:
        return "lost" if obligation["end_kind"] == "lost" else "voided"
    if time < obligation["warn_at"]:
        return "open"
    return "warned" if time < obligation["due_at"] else "leaking"


class Hit(NamedTuple):
    """Something happened at `at`, by `event`."""

    at: Micros
    event: LeadEvent
    note: str = ""


@dataclass(frozen=True, slots=True)
class Opener:
    at: Micros
    seen: Seen
    place: int
    entry: Entry | None  # the stage that was entered, if that is what opened
    cycle: int
    deal: str


class Ledger:
    """Makes the obligations of leads by the rules of a definition."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._version = definition.version
        self._clocks = {name: BusinessClock(calendar) for name, calendar in definition.calendars.items()}

    def rows(
        self, history: History, entries: list[Entry], origins: Attribution
    ) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Kind, event key of the cause, and the columns of each obligation of the lead."""
        timeline = _Timeline(self._definition, history, entries)
        for kind, rule in self._definition.obligations.items():
            if not timeline.may_open(rule):
                continue
            for opener in timeline.openers(rule):
                opened_at = timeline.opening(rule, opener)
                if opened_at is not None:
                    yield kind, opener.seen.event.key, self._row(rule, opener, opened_at, timeline, origins)

    def _row(
        self, rule: Obligation, opener: Opener, opened_at: Micros, timeline: _Timeline, origins: Attribution
    ) -> dict[str, Any]:
        history = timeline.history
        place = opener.place if opened_at == opener.at else history.last_until(opened_at)
        then = history.seen[place]
        profile = then.profile
        origin = origins.at(opened_at, profile)
        stage = opener.entry.stage if opener.entry else then.stage
        warn_at, due_at = self._times(rule, opened_at, then, origin)
        met = timeline.met(rule, opener, opened_at)
        ended, end_kind = timeline.ended(rule, opener, opened_at)
        if met is not None and (ended is None or met.at <= ended.at):
            ended, end_kind = None, ""
        else:
            met = None
        settled = met or ended
        owed_until = min(due_at, settled.at) if settled else due_at  # a miss belongs to the owner at due
        cause = opener.seen.event
        return {
            "cycle": opener.cycle,
            "owed_by": rule.owed_by,
            "owner": _owner(history, opener.deal, owed_until),
            "opened_at": opened_at,
            "warn_at": warn_at,
            "due_at": due_at,
            "met_at": met.at if met else None,
            "ended_at": ended.at if ended else None,
            "end_kind": end_kind,
            "void_reason": ended.note if ended and end_kind == "voided" else "",
            "note": met.note if met else "",
            "rolling": 0,
            "met_by": met.event.key if met else "",
            "opened_by_source": f"{cause.source}/{cause.event_id}",
            "met_by_source": f"{met.event.source}/{met.event.event_id}" if met else "",
            "stage": stage,
            "channel": origin.channel,
            "origin": origin.origin,
            "size_band": profile.size_band,
            "industry": profile.industry,
            "region": profile.region,
            "hot": int(then.hot),
            "definition_version": self._version,
        }

    def _times(self, rule: Obligation, opened_at: Micros, then: Seen, origin: Origin) -> tuple[Micros, Micros]:
        """When it is warned of and due; the calendar is that of the lead's region, frozen at opening."""
        within = rule.due[0].within
        if len(rule.due) > 1:
            facts = {**then.profile.facts(), "hot": then.hot, "score": then.score, **origin._asdict()}
            within = next(line.within for line in rule.due if line.when is None or line.when(facts))
        region = self._definition.regions.get(then.profile.region)
        name = region.calendar if region else self._definition.calendar
        clock, calendar = self._clocks[name], self._definition.calendars[name]
        due_at = after(clock, calendar, opened_at, within)
        if isinstance(rule.warn, Duration):
            return min(due_at, after(clock, calendar, opened_at, rule.warn)), due_at
        return after(clock, calendar, opened_at, within, rule.warn), due_at


def _owner(history: History, deal_id: str, at: Micros) -> str:
    """The deal's own owner where it is about a deal and one was named, else the lead's."""
    deal = history.deals.deals.get(deal_id)
    return (deal.owner_at(at) if deal else "") or history.ownership.at(at).person


class _Timeline:
    """Answers when the clauses of the definition came true for one lead."""

    def __init__(self, definition: Definition, history: History, entries: list[Entry]) -> None:
        self.history = history
        self._definition = definition
        self._entries = [entry for entry in entries if not entry.regressed]
        self._points: dict[str, list[tuple[Micros, int]]] = {}
        for place, seen in enumerate(history.seen):
            for moment in seen.moments:
                self._points.setdefault(moment, []).append((seen.counts_at, place))
        for points in self._points.values():
            points.sort()
        self._stages = {entry.stage for entry in self._entries}
        self._voids = [clause for clause in definition.void_clauses if clause.does in self._points]

    def may_open(self, rule: Obligation) -> bool:
        return rule.opened_by.does in self._points or not self._stages.isdisjoint(rule.opened_by.enters)

    def openers(self, rule: Obligation) -> Iterator[Opener]:
        clause = rule.opened_by
        seen = self.history.seen
        for entry in self._entries if clause.enters else ():
            if entry.stage in clause.enters and entry.dated:
                yield Opener(entry.entered_at, seen[entry.place], entry.place, entry, entry.cycle, "")
        for at, place in self._points.get(clause.does, ()):
            deal = deal_id_of(seen[place].event) if rule.of == "deal" else ""
            yield Opener(at, seen[place], place, None, seen[place].cycle, deal)

    def opening(self, rule: Obligation, opener: Opener) -> Micros | None:
        """When the obligation began: as its opener came, or later, once all that must hold as well did; None: never."""
        at = opener.at
        for _ in rule.also:  # a clause may move the time, and the others must hold at that time
            for clause in rule.also:
                hit = self._first(clause, opener, at if clause.has else opener.at)
                if hit is None:
                    return None
                at = max(at, hit.at)
        if opener.entry and opener.entry.left_at is not None and at > opener.entry.left_at:
            return None
        if any(self._happened(clause, opener, at) for clause in rule.unless):
            return None
        return at

    def met(self, rule: Obligation, opener: Opener, since: Micros) -> Hit | None:
        return self._earliest(rule.meeting, opener, since)

    def ended(self, rule: Obligation, opener: Opener, since: Micros) -> tuple[Hit | None, str]:
        lost = self._earliest(rule.lost_by, opener, since)
        voided = self._earliest(rule.void_by, opener, since)
        for void in self._voids:
            hit = self._first(void, opener, since)
            if hit is not None and (voided is None or hit.at < voided.at):
                voided = hit
        if voided is not None and (lost is None or voided.at <= lost.at):
            return voided, "voided"
        return lost, "lost" if lost else ""

    def _earliest(self, clauses: tuple[Clause, ...], opener: Opener, since: Micros) -> Hit | None:
        hits = [hit for clause in clauses if (hit := self._first(clause, opener, since))]
        return min(hits, key=lambda hit: hit.at, default=None)

    def _first(self, clause: Clause, opener: Opener, since: Micros) -> Hit | None:
        """The first time at or after `since` that the clause is true."""
        if clause.enters:
            return self._entered(clause, opener, since)
        if clause.has:
            return self._held(clause, since)
        seen = self.history.seen
        for at, place in self._points.get(clause.does or clause.next, ()):
            if at < since or (clause.next and (at, place) <= (opener.at, opener.place)):
                continue
            if opener.deal and deal_id_of(seen[place].event) != opener.deal:
                continue
            return Hit(at, seen[place].event, clause.note)
        return None

    def _entered(self, clause: Clause, opener: Opener, since: Micros) -> Hit | None:
        rank, aside = self._definition.rank, self._definition.aside
        own_rank = rank[opener.entry.stage] if opener.entry else 0
        passed = opener.entry is None
        for entry in self._entries:
            if not passed:
                passed = entry is opener.entry
                continue
            if entry.entered_at < since:
                continue
            later = LATER in clause.enters and entry.stage not in aside and rank[entry.stage] > own_rank
            gone = ASIDE in clause.enters and entry.stage in aside
            if later or gone or entry.stage in clause.enters:
                return Hit(entry.entered_at, entry.cause, clause.note)
        return None

    def _held(self, clause: Clause, since: Micros) -> Hit | None:
        changes = {
            "person_owner": self.history.ownership.by_person,
            "live_record": self.history.records.changes,
            "sales_ready": self.history.ready,
        }[clause.has]
        holding: LeadEvent | None = None
        for at, holds, event in changes:
            if at > since:
                if holding is not None:
                    break
                if holds:
                    return Hit(at, event, clause.note)
            else:
                holding = event if holds else None
        return Hit(since, holding, clause.note) if holding is not None else None

    def _happened(self, clause: Clause, opener: Opener, before: Micros) -> bool:
        """Whether it was so in the opener's cycle, before `before`."""
        since = _EVER
        if opener.cycle > 1:
            since = min(entry.entered_at for entry in self._entries if entry.cycle == opener.cycle)
        hit = self._first(clause, opener, since)
        return hit is not None and hit.at < before
