"""Durations as people write them: "15 min", "24 months", "30 business minutes", "2 business days", "at once"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import PlainValidator, WithJsonSchema

from streams.model import DAY, HOUR, MINUTE, SECOND, Micros

_UNITS: dict[str, Micros] = {
    "second": SECOND,
    "min": MINUTE,
    "minute": MINUTE,
    "hour": HOUR,
    "day": DAY,
    "week": 7 * DAY,
    "month": 365 * DAY // 12,  # a twelfth of a year: look-backs need no calendar
    "year": 365 * DAY,
}
_BUSINESS_UNITS = ("min", "minute", "hour", "day")
AT_ONCE = "at once"
_TEXT = re.compile(r"(\d+(?:\.\d+)?)\s*(business\s+)?([a-z]+?)s?")


@dataclass(frozen=True, slots=True)
class Duration:
    """`micros` of time on one of two clocks, or `business_days`, each as long as its calendar's day."""

    text: str
    clock: Literal["wall", "business"]
    micros: Micros
    business_days: float = 0.0

    def length(self, business_day: Micros) -> Micros:
        """Microseconds on this duration's clock, where a business day has `business_day` of them."""
        return self.micros + round(self.business_days * business_day)


def parse_duration(text: object) -> Duration:
    """Raise ValueError, in words for the definition's author, if `text` is no duration."""
    if isinstance(text, Duration):
        return text
    if text == AT_ONCE:
        return Duration(AT_ONCE, "wall", 0)
    found = _TEXT.fullmatch(text.strip().lower()) if isinstance(text, str) else None
    if found is None or found[3] not in _UNITS:
        raise ValueError(f"{text!r} is no duration; write e.g. 15 min, 24 hours, 7 days, 30 business minutes")
    amount, business, unit = float(found[1]), found[2], found[3]
    shown = " ".join(found[0].split())
    if not business:
        return Duration(shown, "wall", round(amount * _UNITS[unit]))
    if unit not in _BUSINESS_UNITS:
        raise ValueError(f"{text!r}: business time is counted in minutes, hours or days")
    if unit == "day":
        return Duration(shown, "business", 0, amount)
    return Duration(shown, "business", round(amount * _UNITS[unit]))


def _wall_only(text: object) -> Micros:
    duration = parse_duration(text)
    if duration.clock != "wall":
        raise ValueError(f"{text!r}: only wall-clock time makes sense here")
    return duration.micros


def wall_text(micros: Micros) -> str:
    """The inverse of parse_duration for wall-clock time, in the largest unit of which there are whole ones."""
    for unit in ("month", "day", "hour", "minute"):
        count, rest = divmod(micros, _UNITS[unit])
        if count and not rest:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    seconds = f"{micros / SECOND:.6f}".rstrip("0").rstrip(".")
    return f"{seconds} second{'' if seconds == '1' else 's'}"


def _parse(value: Any) -> Duration:
    return parse_duration(value)


Span = Annotated[Duration, PlainValidator(_parse), WithJsonSchema({"x-is": "duration"})]
WallMicros = Annotated[Micros, PlainValidator(_wall_only), WithJsonSchema({"x-is": "wall_duration"})]
