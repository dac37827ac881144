"""How far each step is, as rows: what `boards.data_as_of` and the Pipeline board are made of."""

from __future__ import annotations

from typing import Any

from faust.types import TP

from streams.model import Micros
from streams.worker.sink import Sink


async def report(app: Any, sink: Sink, now: Micros) -> None:
    """One row per lane and topic. as_of: append time of the oldest record not yet committed, else now."""
    batch = sink.batch()
    for step, topic, partition, oldest, following, committed, events in app.lanes.progress():
        end = app.consumer.highwater(TP(topic, partition))
        values = {
            "as_of": now if oldest is None else min(oldest, now),
            "lag": max(0, (end or 0) - following),
            "committed": committed,
            "events": events,
            "at": now,
        }
        batch.add("progress", (step, topic, partition), values, now, now)
    if len(batch):
        await app.lanes.insert(batch)
