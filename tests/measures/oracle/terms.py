"""What the lead definition says to the measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from streams.model import DAY, Micros

YEAR = 365 * DAY


@dataclass(frozen=True)
class Meets:
    """What can meet an obligation of a kind."""

    moments: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    has: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Terms:
    """What the definition says to the measures."""

    mql_matures: Micros = 90 * DAY
    vanished_after: Micros = 30 * DAY
    customer_within: Micros = YEAR
    regret_within: Micros = 2 * YEAR
    old_at_handover: Micros = 30 * DAY
    influence_look_back: Micros = 2 * YEAR
    small_n: int = 30
    satisfied_at: float = 0.9
    committee_size: int = 21
    marketing_channels: frozenset[str] = frozenset()
    origin_kinds: Mapping[str, str] = field(default_factory=dict)
    generated_by: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, Meets] = field(default_factory=dict)
    is_working_day: Callable[[date], bool] = lambda day: day.weekday() < 5
