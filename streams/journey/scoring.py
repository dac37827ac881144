"""The score: points for what a person did lately and for who they are, by the definition's sales-ready rule."""

from __future__ import annotations

from collections import deque

from streams.definition import Definition
from streams.journey.history import Seen
from streams.journey.profile import NOBODY, Profile
from streams.model import Micros


class Scorer:
    """Follows one lead in the order of events; `restart` when the lead leaves the funnel, as old interest is spent."""

    def __init__(self, definition: Definition) -> None:
        self._rule = definition.sales_ready
        self._hot = definition.hot
        self._hot_moments = frozenset(definition.hot.moments)
        self._done: deque[tuple[Micros, int]] = deque()
        self._counts = [0] * len(self._rule.behaviour)
        self._profile: Profile | None = None
        self._fit = 0.0
        self._asked = False
        self.score = 0.0
        self.ready = False

    @property
    def hot(self) -> bool:
        return self._asked or self.score >= self._hot.score_at_least

    def see(self, seen: Seen) -> None:
        now = seen.counts_at
        changed = False
        oldest = now - self._rule.look_back
        while self._done and self._done[0][0] < oldest:
            self._counts[self._done.popleft()[1]] -= 1
            changed = True
        for index in self._rule.behaviour_rules.all(seen.facts):
            self._done.append((now, index))
            self._counts[index] += 1
            changed = True
        if seen.profile is not self._profile:
            self._profile = seen.profile
            facts = seen.profile.facts() if seen.profile is not NOBODY else {}
            self._fit = sum(self._rule.fit_rules.all(facts))
            changed = True
        if not self._hot_moments.isdisjoint(seen.moments):
            self._asked = True
        if changed:
            self._add_up()

    def restart(self) -> None:
        self._done.clear()
        self._counts = [0] * len(self._counts)
        self._asked = False
        self._add_up()

    def _add_up(self) -> None:
        rule = self._rule
        behaviour = sum(
            one.points * min(count, one.times) for one, count in zip(rule.behaviour, self._counts, strict=True) if count
        )
        self.score = behaviour + self._fit
        self.ready = (
            self.score >= rule.score_at_least
            and behaviour >= rule.behaviour_at_least
            and self._fit >= rule.fit_at_least
        )
