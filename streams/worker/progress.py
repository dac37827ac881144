"""How far each step is, as rows: what `boards.data_as_of` and the Pipeline board are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from faust.types import TP

from streams.model import Micros
from streams.worker import internals
from streams.worker.sink import Sink


@dataclass(slots=True)
class Worked:
    """What was worked off since the start, and what came of it."""

    events: int = 0
    messages: int = 0
    rows: int = 0


class Progress(NamedTuple):
    """How far a lane is in one topic partition; None where it has not read or committed since it started."""

    step: str
    topic: str
    partition: int
    pending_since: Micros | None  # Kafka append time of its oldest uncommitted record
    following: int | None  # next offset to work off
    committed: int | None
    worked: Worked
    uncommitted: int  # records that the lane has taken and not committed, of all its topics together
    folds_until: int | None  # where the lane begins to work, of a log that it folds silently up to there


def lag(app: Any, lane: Progress, ends: Mapping[TP, int]) -> int | None:
    """Records of a topic partition that are not committed yet; None before its first fetch.

    Not `end - committed`: the last offsets of a log may be the markers of transactions, which are no records.
    ends: ends of logs that were asked for, for those that are not fetched now.
    """
    tp = TP(lane.topic, lane.partition)
    position = internals.position(app.consumer, *tp)
    end = internals.highwater(app.consumer, *tp)
    if position is None or end is None:
        return None
    taken = min(lane.uncommitted, (lane.following or 0) - (lane.committed or 0))
    return max(0, max(end, ends.get(tp, 0)) - position) + max(0, taken)


Reported = Mapping[tuple[str, str, int], Micros]  # as_of by step, topic, partition


async def report(app: Any, sink: Sink, now: Micros, before: Reported) -> Reported:
    """One row per lane and topic; returns the as_of of each. before: what the last report returned, else the rows of
    the workers that were here before us."""
    batch = sink.batch()
    reported = {}
    for lane in app.lanes.progress():
        where = (lane.step, lane.topic, lane.partition)
        behind = lag(app, lane, {})
        as_of = _as_of(lane, behind, now, before.get(where))
        if as_of is None:
            continue
        reported[where] = as_of
        following = lane.following
        if following is None:
            following = internals.position(app.consumer, lane.topic, lane.partition) or 0
        values = {
            "as_of": as_of,
            "lag": behind or 0,
            "committed": following if lane.committed is None else lane.committed,
            "events": lane.worked.events,
            "messages": lane.worked.messages,
            "rows": lane.worked.rows,
            "at": now,
        }
        batch.add("progress", where, values, now, now)
    await app.lanes.insert(batch)
    return reported


def _as_of(lane: Progress, behind: int | None, now: Micros, before: Micros | None) -> Micros | None:
    """Append time of the oldest record not yet committed, else now. While records wait in Kafka that we have not seen,
    as after a start, nobody knows how old those are: then what was said before still holds, if anything was."""
    folding = lane.folds_until is not None and (lane.following or 0) < lane.folds_until
    if folding or (lane.pending_since is None and behind != 0):
        return before
    return now if lane.pending_since is None else min(lane.pending_since, now)
