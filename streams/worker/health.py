"""Is this worker alive, is it ready: decided from looks at it, without a clock, a network or Faust."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any, NamedTuple

from streams.worker.vitals import Lag, Vitals

Name = tuple[str, int]  # of a lane: step and partition number; of recovery: "" and 0
_RECOVERY: Name = ("", 0)


class Mark(NamedTuple):
    """How far somebody was when it last moved, or had nothing to do, and when that was."""

    progress: object
    at: float


class Answer(NamedTuple):
    ok: bool
    body: dict[str, Any]


Marks = Mapping[Name, Mark]


def marked(before: Marks, now: Vitals) -> dict[Name, Mark]:
    """The marks after another look. Whoever has nothing to do, or cannot as the sink is away, counts as moving."""
    return {
        name: before[name]
        if pending and now.sink_away is None and name in before and before[name].progress == progress
        else Mark(progress, now.clock)
        for name, pending, progress in _all(now)
    }


def _all(now: Vitals) -> list[tuple[Name, bool, object]]:
    """Each lane: has it work, and how far is it. Committing moves a lane, and so does folding its log again."""
    lanes: list[tuple[Name, bool, object]] = [
        (name, now.recovered and any(one.records or one.lane.uncommitted for one in lags), tuple(map(_progress, lags)))
        for name, lags in _by_lane(now)
    ]
    return [*lanes, (_RECOVERY, now.assigned is not None and not now.recovered, now.left)]


def _progress(lag: Lag) -> object:
    folding = lag.lane.folds_until is not None and (lag.lane.following or 0) < lag.lane.folds_until
    return lag.lane.topic, lag.lane.committed, lag.lane.following if folding else None


def _by_lane(now: Vitals) -> list[tuple[Name, list[Lag]]]:
    lags = sorted(now.lags, key=lambda lag: (lag.lane.step, lag.lane.partition, lag.lane.topic))
    return [(name, list(each)) for name, each in groupby(lags, lambda lag: (lag.lane.step, lag.lane.partition))]


def alive(marks: Marks, now: Vitals, stuck_after: float) -> Answer:
    """No while somebody has had work for longer than `stuck_after` seconds and not moved.

    Not while the sink is away: to start again would help nobody.
    """
    if now.sink_away is not None:
        return Answer(True, {"status": "waiting", "reason": f"ClickHouse has been away for {now.sink_away:.0f} s"})
    for name, lags in [*_by_lane(now), (_RECOVERY, [])]:
        still = now.clock - marks[name].at if name in marks else 0.0
        if still > stuck_after:
            return Answer(False, {"status": "stuck", "reason": _why(name, lags, now, still)})
    return Answer(True, {"status": "alive"})


def _why(name: Name, lags: list[Lag], now: Vitals, still: float) -> str:
    if name == _RECOVERY:
        left = sum(one.records for one in now.left)
        return f"recovery has stood still for {still:.0f} s with {left} records to go"
    each = ", ".join(
        f"{lag.lane.topic}[{lag.lane.partition}] at offset {_offset(lag)}, {lag.records or 0} records behind"
        for lag in lags
        if lag.records or lag.lane.committed is not None
    )
    return f"{name[0]}[{name[1]}] has committed nothing for {still:.0f} s: {each or 'nothing fetched yet'}"


def _offset(lag: Lag) -> str:
    return "none" if lag.lane.committed is None else str(lag.lane.committed)


def ready(now: Vitals) -> Answer:
    """Yes once the group has dealt out partitions, perhaps none of them to us, and all that is ours is recovered."""
    left = [one._asdict() for one in now.left if one.records]
    body: dict[str, Any] = {"status": "ready", "partitions": now.assigned or 0, "recovery": left}
    if now.ready:
        return Answer(True, body)
    if now.assigned is None:
        reason = "the group has not given any partitions yet"
    elif left:
        reason = f"recovering: {sum(one.records for one in now.left)} records to go"
    else:
        reason = "a rebalance is under way"
    return Answer(False, {**body, "status": "not ready", "reason": reason})
