"""Rows of many lanes in few inserts: what arrives while an insert runs goes with the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from streams.worker.outbox import RowBatch


class Sink(Protocol):
    """Where rows end up.

    `write` blocks while the sink is away, and raises when it will never take these rows, or after `stop`.
    away_since: since when it is away (time.monotonic), None while all is well.
    """

    @property
    def away_since(self) -> float | None: ...

    def batch(self) -> RowBatch: ...

    def write(self, batches: Sequence[RowBatch]) -> None: ...

    def stop(self) -> None: ...


class GroupCommit:
    """One write at a time in a thread; each lane waits for the one that carried its rows.

    every: seconds at least between the beginnings of two, as ClickHouse likes few large inserts.
    """

    def __init__(self, sink: Sink, every: float) -> None:
        self._sink = sink
        self._every = every
        self._began_at = 0.0
        self._stopped = False
        self._waiting: list[tuple[RowBatch, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, batch: RowBatch) -> None:
        if not len(batch):
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((batch, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._drain())
        await done

    def stop(self) -> None:
        """Wait no more for a sink that is away; who waits for rows is cancelled."""
        self._stopped = True
        self._sink.stop()

    async def _drain(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._began_at + self._every - asyncio.get_running_loop().time())
            self._began_at = asyncio.get_running_loop().time()
            # Without those of lanes that were given up meanwhile: during an outage nobody takes them off our hands.
            taken = [(batch, done) for batch, done in self._waiting if not done.done()]
            self._waiting = []
            try:
                await asyncio.to_thread(self._sink.write, [batch for batch, _ in taken])
            except BaseException as error:  # every lane of this insert must hear of it
                for _, done in taken:
                    if self._stopped:
                        done.cancel()
                    elif not done.done():
                        done.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                for _, done in taken:
                    if not done.done():
                        done.set_result(None)
