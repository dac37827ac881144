"""What "sales ready" means, and who is called first."""

from __future__ import annotations

from functools import cached_property

from pydantic import Field

from streams.definition.duration import WallMicros
from streams.definition.match import ByType, Condition
from streams.definition.part import Names, Part


class PointsRule(Part):
    when: Condition
    points: float


class BehaviourRule(PointsRule):
    times: int = Field(ge=1)
    """How often it counts at most."""


class SalesReady(Part):
    score_at_least: float
    """Of all points."""
    behaviour_at_least: float
    """Of those for what the person did."""
    fit_at_least: float
    """Of those for who the person is."""
    look_back: WallMicros
    """Behaviour that is older counts no more."""
    behaviour: tuple[BehaviourRule, ...]
    fit: tuple[PointsRule, ...] = ()

    @cached_property
    def behaviour_rules(self) -> ByType[int]:
        return ByType((rule.when, index) for index, rule in enumerate(self.behaviour))

    @cached_property
    def fit_rules(self) -> ByType[float]:
        """With the points of each."""
        return ByType((rule.when, rule.points) for rule in self.fit)


class Hot(Part):
    moments: Names = ()
    score_at_least: float
