"""What stands in a definition and yet can never come to anything, or is not agreed yet: warnings of `check`.

Each is certain: what is called impossible here, no event can bring about.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from streams.definition.domains import of_events, of_leads
from streams.definition.load import Location
from streams.definition.logic import can_hold, can_hold_for, covered
from streams.definition.model import ASIDE, LATER, SALES_READY, Clause, Definition, Obligation


class Doubt(NamedTuple):
    location: Location
    message: str


def doubts(definition: Definition) -> Iterator[Doubt]:
    """In the order of the file's sections."""
    possible = Possible(definition)
    yield from _unsigned(definition)
    yield from _unready(possible)
    yield from _stages(definition, possible)
    yield from _obligations(definition, possible)
    yield from _channels(definition, possible)
    yield from _moments(definition, possible)


class Possible:
    """What can happen by a definition, judged by what events can say at all."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._moments = definition.moments.keys() | {SALES_READY}
        self.events = of_events(definition)
        self.happens = cache(self._happens)
        self.ready = self._ready()
        by_status = set(definition.statuses.values())
        self.enterable = {
            one.name for one in definition.stages if one.name in by_status or any(map(self.happens, one.enter))
        }

    def _happens(self, moment: str) -> bool:
        if moment == SALES_READY:
            return self.ready
        return can_hold(self._definition.moments[moment], self.events)

    def _ready(self) -> bool:
        """Whether the points that there are suffice."""
        rule, leads = self._definition.sales_ready, of_leads(self._definition)
        behaviour = sum(
            one.points * one.times for one in rule.behaviour if one.points > 0 and can_hold(one.when, self.events)
        )
        fit = sum(one.points for one in rule.fit if one.points > 0 and can_hold_for(one.when, leads))
        enough = behaviour >= rule.behaviour_at_least and fit >= rule.fit_at_least
        return enough and behaviour + fit >= rule.score_at_least

    def ends(self, name: str) -> bool:
        """Whether an exit criterion, a stage or a moment, can come true."""
        return name in self.enterable or (name in self._moments and self.happens(name))

    def clause(self, clause: Clause, rule: Obligation) -> bool:
        """Whether the clause of this obligation can become true."""
        if clause.enters:
            may_be = clause.when is None or can_hold(clause.when, self.events)
            return may_be and any(self._enters(name, rule) for name in clause.enters)
        if clause.has:
            return clause.has != SALES_READY or self.ready
        return self.happens(clause.moment)

    def _enters(self, name: str, rule: Obligation) -> bool:
        rank, aside = self._definition.rank, self._definition.aside
        if name == ASIDE:
            return not self.enterable.isdisjoint(aside)
        if name == LATER:
            first = min((rank[stage] for clause in rule.opened_by for stage in clause.enters), default=0)
            return any(rank[stage] > first for stage in self.enterable - aside)
        return name in self.enterable


def _unsigned(definition: Definition) -> Iterator[Doubt]:
    for department in definition.signatures.missing:
        yield Doubt(("signatures", department), f"{department} has not signed; every board says so")


def _unready(possible: Possible) -> Iterator[Doubt]:
    if not possible.ready:
        yield Doubt(("sales_ready",), "nobody can ever be sales ready: all points together do not suffice")


def _stages(definition: Definition, possible: Possible) -> Iterator[Doubt]:
    for place, stage in enumerate(definition.stages):
        if stage.name not in possible.enterable:
            moments = (
                f"none of its moments ({', '.join(stage.enter)}) can happen" if stage.enter else "it has no moment"
            )
            message = f"nothing can enter {stage.name}: {moments}, and no CRM status stands for it"
            yield Doubt(("stages", place, "enter"), message)
        if stage.exit and not any(map(possible.ends, stage.exit)):
            yield Doubt(("stages", place, "exit"), f"nothing can end {stage.name}: none of these can happen")


def _obligations(definition: Definition, possible: Possible) -> Iterator[Doubt]:
    for kind, rule in definition.obligations.items():
        if wrong := _never_opened(rule, possible):
            yield Doubt(("obligations", kind, wrong), f"{kind} is never owed: this can never be so")
        if not any(possible.clause(clause, rule) for clause in rule.meeting):
            yield Doubt(("obligations", kind, "met_by"), f"nothing can meet {kind}: none of these can ever be so")


def _never_opened(rule: Obligation, possible: Possible) -> str:
    """The entry that can never come true; '' if all can."""
    if not any(possible.clause(clause, rule) for clause in rule.opened_by):
        return "opened_by"
    return "" if all(possible.clause(clause, rule) for clause in rule.also) else "and"


def _channels(definition: Definition, possible: Possible) -> Iterator[Doubt]:
    rules = definition.channels
    for place, rule in enumerate(rules):
        before = covered(rule.when, [one.when for one in rules[:place]], possible.events)
        if before is None:
            continue
        shadows = " or ".join(f"channels[{one}] ({rules[one].channel})" for one in before)
        why = f"whenever it holds, {shadows} above does" if before else "no event can be such"
        yield Doubt(("channels", place), f"this line for {rule.channel} is never reached: {why}")


def _moments(definition: Definition, possible: Possible) -> Iterator[Doubt]:
    used = set(_used(definition))
    for name in definition.moments:
        if not possible.happens(name):
            yield Doubt(("moments", name), f"{name} can never happen: no event can be such")
        if name not in used:
            yield Doubt(("moments", name), f"nothing uses {name}")


def _used(definition: Definition) -> Iterator[str]:
    """Moments by name."""
    for stage in definition.stages:
        yield from (*stage.enter, *stage.exit)
    yield from definition.hot.moments
    yield from definition.origin.sales.moments
    yield from (void.does for void in definition.voids)
    for rule in definition.obligations.values():
        yield from (clause.moment for _, clause in rule.clauses())
