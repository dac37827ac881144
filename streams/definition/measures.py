"""What the measures need to be told: look-backs, and when a number is ripe."""

from __future__ import annotations

from pydantic import Field

from streams.definition.duration import WallMicros
from streams.definition.part import Part
from streams.model import DAY

_MONTH = 365 * DAY // 12


class Measures(Part):
    mql_matures: WallMicros = 90 * DAY
    """So long after a lead became an MQL its fate is counted."""
    vanished_after: WallMicros = 30 * DAY
    """A lead that is silent for so long and still in its stage has vanished."""
    customer_within: WallMicros = 12 * _MONTH
    """A sales-ready lead that was right becomes a customer within this time."""
    regret_within: WallMicros = 24 * _MONTH
    """A rejection is regretted if the person or the account bought within this time."""
    old_at_handover: WallMicros = 30 * DAY
    """A lead is handed over old when its inquiry is older than this."""
    influence_look_back: WallMicros = 24 * _MONTH
    """A marketing touch so long before the deal influenced it."""
    small_n: int = Field(default=30, ge=1)
    """Of fewer no rate is shown, only the counts."""
    satisfied_at: float = Field(default=0.9, gt=0, le=1)
    """A target is met with this share of it."""
    mature_win: WallMicros = 12 * _MONTH
    """A lead whose stage is older than this has won or it will not: it may be used to estimate who wins."""
