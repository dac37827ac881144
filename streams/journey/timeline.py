"""When the clauses of the definition came true for one lead: what was owed, and what became of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Literal, NamedTuple

from streams.definition import Definition
from streams.definition.model import ASIDE, LATER, Clause, Obligation
from streams.journey.deals import deal_id_of
from streams.journey.history import History, Seen
from streams.journey.stages import Entry
from streams.model import LeadEvent, Micros

_EVER: Micros = -(2**62)
_NEVER: Micros = 2**62


class Hit(NamedTuple):
    """Something happened at `at`, by `event`; `place` is its in the history where that matters."""

    at: Micros
    event: LeadEvent
    note: str = ""
    place: int = -1


class Opener(NamedTuple):
    at: Micros
    seen: Seen
    place: int
    entry: Entry | None  # the stage that was entered, if that is what opened
    cycle: int
    deal: str  # that the event is about, '' if none
    of_deal: bool  # only this deal's events count


class Owed(NamedTuple):
    """`met` and `ended`: the first of the two; a tie is met."""

    opener: Opener
    opened_at: Micros
    met: Hit | None
    ended: Hit | None
    end_kind: Literal["", "lost", "voided"]


class Timeline:
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

    def owed(self, rule: Obligation) -> Iterator[Owed]:
        """Of one kind. A rolling one opens anew at each meeting, and once at a time for a lead (or a deal)."""
        if not any(
            clause.does in self._points or not self._stages.isdisjoint(clause.enters) for clause in rule.opened_by
        ):
            return
        opened = [(at, opener) for opener in self._openers(rule) if (at := self._opening(rule, opener)) is not None]
        if not rule.rolling:
            for at, opener in opened:
                yield self._settled(rule, opener, at)
            return
        until: dict[str, Micros] = {}
        for at, opener in sorted(opened, key=lambda one: (one[0], one[1].place)):
            scope = opener.deal if opener.of_deal else ""
            if at < until.get(scope, _EVER):
                continue
            while True:
                owed = self._settled(rule, opener, at)
                yield owed
                if owed.met is None:
                    break
                at, place = owed.met.at, owed.met.place
                seen = self.history.seen[place]
                opener = opener._replace(at=at, seen=seen, place=place, entry=None, cycle=seen.cycle)
            until[scope] = owed.ended.at if owed.ended else _NEVER

    def _openers(self, rule: Obligation) -> Iterator[Opener]:
        seen = self.history.seen
        of_deal = rule.of == "deal"
        for clause in rule.opened_by:
            for entry in self._entries if clause.enters else ():
                if entry.stage in clause.enters and entry.dated and self._allowed(clause, entry):
                    deal = deal_id_of(entry.cause)
                    yield Opener(entry.entered_at, seen[entry.place], entry.place, entry, entry.cycle, deal, of_deal)
            for at, place in self._points.get(clause.does, ()):
                deal = deal_id_of(seen[place].event)
                yield Opener(at, seen[place], place, None, seen[place].cycle, deal, of_deal)

    def _opening(self, rule: Obligation, opener: Opener) -> Micros | None:
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

    def _settled(self, rule: Obligation, opener: Opener, since: Micros) -> Owed:
        met = self._earliest(rule.meeting, opener, since)
        lost = self._earliest(rule.lost_by, opener, since)
        voided = self._earliest(rule.void_by, opener, since)
        for void in self._voids:
            hit = self._first(void, opener, since)
            if hit is not None and (voided is None or hit.at < voided.at):
                voided = hit
        is_void = voided is not None and (lost is None or voided.at <= lost.at)
        ended = voided if is_void else lost
        if met is not None and (ended is None or met.at <= ended.at):
            return Owed(opener, since, met, None, "")
        return Owed(opener, since, None, ended, "voided" if is_void else "lost" if lost else "")

    def _earliest(self, clauses: tuple[Clause, ...], opener: Opener, since: Micros) -> Hit | None:
        hits = [hit for clause in clauses if (hit := self._first(clause, opener, since))]
        return min(hits, key=lambda hit: hit.at, default=None)

    def _first(self, clause: Clause, opener: Opener, since: Micros) -> Hit | None:
        """The first time at or after `since` that the clause is true."""
        if clause.enters:
            return self._entered(clause, opener, since)
        if clause.has == "had_owner":
            hit = self._held(clause, self._cycle(opener)[0])
            return hit._replace(at=since) if hit and hit.at <= since else None
        if clause.has:
            return self._held(clause, since)
        if clause.done:
            return self._done(clause, opener, since)
        after = (opener.at, opener.place + 1) if clause.next else (_EVER, 0)
        return next(self._hits(clause, opener, max((since, 0), after)), None)

    def _hits(self, clause: Clause, opener: Opener, start: tuple[Micros, int]) -> Iterator[Hit]:
        points = self._points.get(clause.moment, [])
        for index in range(bisect_left(points, start), len(points)):
            at, place = points[index]
            event = self.history.seen[place].event
            if not opener.of_deal or deal_id_of(event) in ("", opener.deal):
                yield Hit(at, event, clause.note, place)

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
            if (later or gone or entry.stage in clause.enters) and self._allowed(clause, entry):
                return Hit(entry.entered_at, entry.cause, clause.note, entry.place)
        return None

    def _allowed(self, clause: Clause, entry: Entry) -> bool:
        return clause.when is None or clause.when(self.history.seen[entry.place].facts)

    def _held(self, clause: Clause, since: Micros) -> Hit | None:
        changes = {
            "person_owner": self.history.ownership.by_person,
            "had_owner": self.history.ownership.by_person,
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

    def _done(self, clause: Clause, opener: Opener, since: Micros) -> Hit | None:
        """So often in the cycle, be it before `since`."""
        begin, end = self._cycle(opener)
        for times, hit in enumerate(self._hits(clause, opener, (begin, 0)), 1):
            if hit.at >= end:
                return None
            if times == clause.times:
                return hit._replace(at=max(hit.at, since))
        return None

    def _happened(self, clause: Clause, opener: Opener, before: Micros) -> bool:
        """Whether it was so in the opener's cycle, before `before`; a stage: before the opener."""
        if clause.enters:
            earlier = (one for one in self._entries if one.cycle == opener.cycle and one.place < opener.place)
            return any(entry.stage in clause.enters and self._allowed(clause, entry) for entry in earlier)
        hit = self._first(clause, opener, self._cycle(opener)[0])
        return hit is not None and hit.at < before

    def _cycle(self, opener: Opener) -> tuple[Micros, Micros]:
        """From and until when the opener's cycle runs."""
        ours = [entry.entered_at for entry in self._entries if entry.cycle == opener.cycle]
        next_ones = [entry.entered_at for entry in self._entries if entry.cycle > opener.cycle]
        return min(ours, default=_EVER) if opener.cycle > 1 else _EVER, min(next_ones, default=_NEVER)
