"""What all measures speak in: days, the line of stages, segments, counts by group, quantiles."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from streams.model import SECOND, Micros

Row = dict[str, Any]
Group = tuple[Any, ...]

SEGMENTS = ("channel", "origin", "size_band", "industry", "region")
LINE = ("inquiry", "mql", "sal", "sql", "opportunity", "customer")
STAGES = ("visitor", *LINE, "nurture", "rejected", "lost")  # in the order of simultaneous entries


def day(at: Micros) -> date:
    """Of UTC."""
    return datetime.fromtimestamp(at // SECOND, UTC).date()


def segments(row: Row) -> Group:
    return tuple(row[name] for name in SEGMENTS)


class Counts:
    """Sums by group, a row per group of which anything was counted."""

    def __init__(self, grain: Iterable[str], counts: str) -> None:
        self._grain, self._counts = tuple(grain), counts.split()
        self._sums: dict[Group, Row] = {}

    def add(self, group: Group, **more: float) -> None:
        sums = self._sums.setdefault(group, dict.fromkeys(self._counts, 0))
        for name, number in more.items():
            sums[name] += number

    def rows(self) -> list[Row]:
        return [dict(zip(self._grain, group, strict=True)) | sums for group, sums in self._sums.items()]


def quantile(level: float, values: Iterable[float | None]) -> float | None:
    """The element at floor(level × n) of the sorted values; what never came is infinite, and so may the answer be."""
    ordered = sorted(math.inf if value is None else value for value in values)
    if not ordered:
        return None
    found = ordered[min(math.floor(level * len(ordered)), len(ordered) - 1)]
    return None if found == math.inf else found


def ratio(part: float, whole: float, at_least: float = 0) -> float | None:
    """None where there is nothing to divide by, or too little."""
    return part / whole if whole and whole >= at_least else None


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
