"""The way of one lead through the stages.

A lead moves only forward within a cycle. A lower stage first met after a higher one is recorded (`regressed`) and
moves nobody. A stage entered by jumping over stages of the line that the cycle has not met is recorded as `skipped`;
the stages jumped over get no entry of their own, and a lead's very first stage skips nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from streams.definition import Definition
from streams.definition.model import SALES_READY
from streams.definition.stages import Stage
from streams.journey.history import History, Seen
from streams.journey.scoring import Scorer
from streams.model import LeadEvent, Micros


@dataclass(slots=True)
class Entry:
    """A stage that was entered, or only met (`regressed`); `place` is the causing event's in the history.

    `dated` is false where the time is that of a snapshot: nobody knows since when, so nothing is owed from it.
    """

    stage: str
    cause: LeadEvent
    entered_at: Micros
    place: int
    cycle: int
    skipped: bool = False
    regressed: bool = False
    dated: bool = True
    left_at: Micros | None = None
    next: str = ""


class Walk:
    """Of one lead, as far as its history went; `on` goes further."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._path = _Path(definition)
        self._scorer = Scorer(definition)
        self._was_ready = False
        self._place = 0

    def on(self, history: History) -> list[Entry]:
        """All entries in order; notes stage, cycle, score and heat on each event of `history` that is new to it."""
        definition, path, scorer = self._definition, self._path, self._scorer
        for place in range(self._place, len(history.seen)):
            seen = history.seen[place]
            scorer.see(seen)
            seen.score, seen.hot = scorer.score, scorer.hot
            for stage, dated in _stages_said(definition, seen):
                if path.enter(stage, place, seen, dated=dated) and stage.aside:
                    scorer.restart()
            if scorer.ready != self._was_ready:
                self._was_ready = scorer.ready
                history.ready.append((seen.counts_at, scorer.ready, seen.event))
                if scorer.ready:
                    seen.moments = (*seen.moments, SALES_READY)
                    for stage in definition.stages_of.get(SALES_READY, ()):
                        path.enter(stage, place, seen, dated=True)
            seen.stage = path.current.stage if path.current else ""
            seen.cycle = path.cycle
        self._place = len(history.seen)
        history.score, history.hot = scorer.score, scorer.hot
        return path.entries


def _stages_said(definition: Definition, seen: Seen) -> Iterator[tuple[Stage, bool]]:
    """Stages that the event itself enters, in order, and whether its time is theirs."""
    found: dict[str, tuple[Stage, bool]] = {}
    if status := seen.facts.get("becomes"):
        found[str(status)] = definition.stage_named[str(status)], "undated" not in seen.facts
    for moment in seen.moments:
        for stage in definition.stages_of.get(moment, ()):
            found[stage.name] = stage, True
    return iter(
        found.values() if len(found) < 2 else sorted(found.values(), key=lambda one: definition.rank[one[0].name])
    )


class _Path:
    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._met: set[str] = set()
        self._top = 0  # rank of the highest stage of the line in this cycle, since a return from aside
        self.entries: list[Entry] = []
        self.current: Entry | None = None
        self.cycle = 0

    def enter(self, stage: Stage, place: int, seen: Seen, *, dated: bool) -> bool:
        """True if the lead stands in `stage` now and did not before."""
        current = self.current.stage if self.current else ""
        if (stage.first_only and self.entries) or current in stage.not_from or current == stage.name:
            return False
        rank = self._definition.rank[stage.name]
        if stage.aside:
            self._record(stage, place, seen, dated=dated)
            return True
        if self._begins_anew(stage, seen):
            self.cycle += 1
            self._met.clear()
            self._top = 0
        elif current in self._definition.aside and (stage.name in self._met or self._takes_back(stage, current)):
            self._top = min(self._top, rank)  # back on the line: what lies above is ahead again
        elif stage.name in self._met and rank <= self._top:
            return False  # re-engagement
        elif rank < self._top:
            self._met.add(stage.name)
            self.entries.append(
                Entry(stage.name, seen.event, seen.counts_at, place, self.cycle, regressed=True, dated=dated,
                      left_at=seen.counts_at, next=current)
            )  # fmt: skip
            return False
        skipped = bool(self._met) and any(
            self._top < between < rank and name not in self._met for name, between in self._definition.line
        )
        self._met.add(stage.name)
        self._top = max(self._top, rank)
        self._record(stage, place, seen, dated=dated, skipped=skipped)
        return True

    def _takes_back(self, stage: Stage, current: str) -> bool:
        return stage.takes_back is not None and stage.takes_back.stage == current

    def _begins_anew(self, stage: Stage, seen: Seen) -> bool:
        """After a stage aside, a stage that begins a cycle does, if this cycle had been on the line at all; and one
        that comes too late to take the stage aside back."""
        current = self.current
        if current is None or current.stage not in self._definition.aside:
            return False
        back = stage.takes_back
        if back is not None and back.stage == current.stage:
            return seen.counts_at - current.entered_at > back.within
        stages = self._definition.stage_named
        responded = any(name in self._met and not stages[name].first_only for name, _ in self._definition.line)
        return stage.begins_cycle and responded

    def _record(self, stage: Stage, place: int, seen: Seen, *, dated: bool, skipped: bool = False) -> None:
        self.cycle = self.cycle or 1
        entry = Entry(stage.name, seen.event, seen.counts_at, place, self.cycle, skipped=skipped, dated=dated)
        if self.current is not None:
            self.current.left_at, self.current.next = entry.entered_at, stage.name
        self.current = entry
        self.entries.append(entry)
