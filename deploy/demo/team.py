"""Who works at the simulated company, and how: the habits that the boards should bring to light."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.demo.story import Story
from streams.model import HOUR, MINUTE, Micros

QUEUE = "queue-inbound"
CONNECTOR = "connector"
AUTOMATION = "automation"
OPS = "olga.ops"


@dataclass(frozen=True, slots=True)
class Habit:
    """Probabilities and medians (business hours) of one salesperson."""

    id: str
    share: float  # of routed leads
    touches_hot: float
    touches_large: float
    touches_rest: float
    delay_hot: Micros
    delay_rest: Micros
    most_attempts: int
    logs: float  # of what was done, ever written down
    logs_late: float  # of what is logged, days after
    logs_by_day: float  # of what is logged late, without a time
    decides: float
    gives_reason: float
    clears_old: float  # of what was left lying, thrown out weeks later


ADA = Habit("ada", 26, 0.98, 0.97, 0.95, 9 * MINUTE, 70 * MINUTE, 7, 1.0, 0.0, 0.0, 0.95, 1.0, 0.0)
BORIS = Habit("boris", 28, 0.95, 0.92, 0.08, 14 * MINUTE, 3 * HOUR, 3, 0.92, 0.05, 0.0, 0.85, 0.85, 0.25)
CHIARA = Habit("chiara", 22, 0.86, 0.76, 0.62, 70 * MINUTE, 9 * HOUR, 3, 0.95, 0.05, 0.0, 0.88, 0.0, 0.5)
DMITRI = Habit("dmitri", 24, 0.84, 0.74, 0.62, 130 * MINUTE, 12 * HOUR, 4, 0.85, 0.65, 0.45, 0.72, 0.7, 0.1)
REPS = (ADA, BORIS, CHIARA, DMITRI)
EVA = Habit("eva", 0, 1.0, 1.0, 1.0, 30 * MINUTE, 2 * HOUR, 5, 0.97, 0.03, 0.0, 0.9, 0.9, 0.0)  # prospects outbound


def any_rep(story: Story, *, besides: str = "") -> Habit:
    reps = [rep for rep in REPS if rep.id != besides]
    return story.rng.choices(reps, [rep.share for rep in reps])[0]
