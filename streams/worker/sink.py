"""Rows of many lanes in few inserts: what arrives while an insert runs goes with the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from streams.worker.outbox import RowBatch


class Sink(Protocol):
    """Where rows end up. `write` blocks, retries what is worth it, and raises when rows could not be written."""

    def batch(self) -> RowBatch: ...

    def write(self, batches: Sequence[RowBatch]) -> None: ...


class GroupCommit:
    """One insert at a time in a thread; each lane waits for the one that carried its rows."""

    def __init__(self, write: Callable[[Sequence[RowBatch]], None]) -> None:
        self._write = write
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

    async def _drain(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._write, [batch for batch, _ in taken])
            except BaseException as error:  # every lane of this insert must hear of it
                for _, done in taken:
                    if not done.done():
                        done.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                for _, done in taken:
                    if not done.done():
                        done.set_result(None)
