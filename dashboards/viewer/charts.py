"""Small column charts: one per series, all on the same time axis. Geometry only; a template draws it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboards.macros import Period

HEIGHT = 100.0
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
MOST_BUCKETS = 400


@dataclass(frozen=True, slots=True)
class Bucket:
    at: datetime
    total: float
    part: float
    young: bool = False
    title: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """Lengths are in percent of the chart; y grows downwards, as in SVG."""

    x: float
    width: float
    total_y: float
    total_height: float
    part_y: float
    part_height: float
    young: bool
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Chart:
    columns: tuple[Column, ...]
    top: float
    first: str
    last: str


def axis(times: Sequence[datetime], period: Period) -> list[datetime]:
    """Every bucket from the first time to the last, those without data, too."""
    if not times:
        return []
    at, last = min(times), max(times)
    found = [at]
    while at < last and len(found) < MOST_BUCKETS:
        at = _next(at, period.each)
        found.append(at)
    return found


def columns(buckets: Sequence[Bucket], times: Sequence[datetime], period: Period, top: float) -> Chart:
    """`top`: what a column of full height stands for."""
    by_time = {bucket.at: bucket for bucket in buckets}
    width = 100.0 / max(len(times), 1)
    gap = min(width * 0.22, 0.8)
    drawn = []
    for place, at in enumerate(times):
        bucket = by_time.get(at)
        if bucket is None or not top:
            continue
        total, part = HEIGHT * bucket.total / top, HEIGHT * bucket.part / top
        drawn.append(
            Column(
                x=round(place * width + gap / 2, 3),
                width=round(width - gap, 3),
                total_y=round(HEIGHT - total, 2),
                total_height=round(total, 2),
                part_y=round(HEIGHT - part, 2),
                part_height=round(part, 2),
                young=bucket.young,
                title=bucket.title,
                href=bucket.href,
            )
        )
    said = bucket_name(period)
    return Chart(tuple(drawn), top, said(times[0]) if times else "", said(times[-1]) if times else "")


def bucket_name(period: Period) -> Callable[[datetime], str]:
    def hour(at: datetime) -> str:
        return f"{at.day} {at:%b}, {at:%H}:00"

    def day(at: datetime) -> str:
        return f"{at.day} {at:%b}"

    def week(at: datetime) -> str:
        return f"week of {at.day} {at:%b}"

    def month(at: datetime) -> str:
        return f"{at:%b %Y}"

    return {"hour": hour, "day": day, "week": week, "month": month}[period.each]


def _next(at: datetime, each: str) -> datetime:
    if each == "month":
        return datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)
    return at + _STEPS[each]
