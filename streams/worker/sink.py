"""Rows of many lanes in few inserts: what arrives while an insert of a table runs goes with the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from streams.worker.outbox import RowBatch

TABLES_AT_A_TIME = 4


class Sink(Protocol):
    """Where rows end up.

    `write` takes the rows of one table, from several threads. It blocks while the sink is away, and raises when it will
    never take these rows, or after `stop`. away_since: since when it is away (time.monotonic), None while all is well.
    """

    @property
    def away_since(self) -> float | None: ...

    def batch(self) -> RowBatch: ...

    def write(self, table: str, batches: Sequence[RowBatch]) -> None: ...

    def stop(self) -> None: ...


class GroupCommit:
    """One write of a table at a time, in a thread; a lane waits for those that carry its rows, and for no other table.

    every: seconds at least between the beginnings of two of a table, as ClickHouse likes few large inserts. After one
    comes a rest as long as that took, so that a ClickHouse that is busy gets larger ones, and not more of them.
    """

    def __init__(self, sink: Sink, every: float) -> None:
        self._sink = sink
        self._every = every
        self._stopped = False
        self._threads = ThreadPoolExecutor(TABLES_AT_A_TIME, "insert")
        self._next_at: dict[str, float] = {}  # by table, as all below
        self._waiting: dict[str, list[tuple[RowBatch, asyncio.Future[None]]]] = {}
        self._writing: dict[str, asyncio.Task[None]] = {}

    async def write(self, batch: RowBatch) -> None:
        await asyncio.gather(*(self._enqueue(table, batch) for table in batch.tables()))

    def stop(self) -> None:
        """Wait no more for a sink that is away; who waits for rows is cancelled."""
        self._stopped = True
        self._sink.stop()

    def _enqueue(self, table: str, batch: RowBatch) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(table, []).append((batch, done))
        writing = self._writing.get(table)
        if writing is None or writing.done():
            self._writing[table] = asyncio.create_task(self._drain(table))
        return done

    async def _drain(self, table: str) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting[table]:
            await asyncio.sleep(self._next_at.get(table, 0.0) - loop.time())
            began = loop.time()
            # Without those of lanes that were given up meanwhile: during an outage nobody takes them off our hands.
            taken = [(batch, done) for batch, done in self._waiting[table] if not done.done()]
            self._waiting[table] = []
            try:
                await loop.run_in_executor(self._threads, self._sink.write, table, [batch for batch, _ in taken])
            except BaseException as error:  # every lane of this insert must hear of it
                for _, done in taken:
                    if self._stopped:
                        done.cancel()
                    elif not done.done():
                        done.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                ended = loop.time()
                self._next_at[table] = max(began + self._every, ended + (ended - began))
                for _, done in taken:
                    if not done.done():
                        done.set_result(None)
