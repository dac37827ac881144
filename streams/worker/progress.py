"""How far each step is, as rows: what `boards.data_as_of` and the Pipeline board are made of."""

from __future__ import annotations

from typing import Any, NamedTuple

from faust.types import TP

from streams.model import Micros
from streams.worker import internals
from streams.worker.lane import Worked
from streams.worker.sink import Sink


class Progress(NamedTuple):
    """How far a lane is in one topic partition; None where it has not read or committed since it started."""

    step: str
    topic: str
    partition: int
    pending_since: Micros | None  # Kafka append time of its oldest uncommitted record
    following: int | None  # next offset to work off
    committed: int | None
    worked: Worked


async def report(app: Any, sink: Sink, now: Micros) -> None:
    """One row per lane and topic. as_of: append time of the oldest record not yet committed, else now."""
    batch = sink.batch()
    for lane in app.lanes.progress():
        tp = TP(lane.topic, lane.partition)
        following = lane.following
        if following is None:
            following = internals.position(app.consumer, lane.topic, lane.partition) or 0
        values = {
            "as_of": now if lane.pending_since is None else min(lane.pending_since, now),
            "lag": max(0, (app.consumer.highwater(tp) or 0) - following),
            "committed": following if lane.committed is None else lane.committed,
            "events": lane.worked.events,
            "messages": lane.worked.messages,
            "rows": lane.worked.rows,
            "at": now,
        }
        batch.add("progress", (lane.step, lane.topic, lane.partition), values, now, now)
    await app.lanes.insert(batch)
