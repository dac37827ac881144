"""Rows of many lanes in few inserts, table by table."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from streams.worker.outbox import RowBatch
from streams.worker.sink import GroupCommit
from tests.worker.counting import Batch

DEADLINE = 20.0


class Slow:
    """A write waits until it is let go; `began` has what each took: the table and how many batches."""

    away_since = None

    def __init__(self, *held: str) -> None:
        self.began: list[tuple[str, int]] = []
        self.let_go = {table: threading.Event() for table in held}
        self.fails = ""

    def batch(self) -> RowBatch:
        return Batch()

    def write(self, table: str, batches: Sequence[RowBatch]) -> None:
        self.began.append((table, len(batches)))
        if table in self.let_go:
            assert self.let_go[table].wait(DEADLINE)
        if table == self.fails:
            raise ConnectionError(table)

    def stop(self) -> None:
        self.fails = "held"
        self.let_go["held"].set()


def rows(*tables: str) -> RowBatch:
    batch = Batch()
    for table in tables:
        batch.add(table, ("k",), {}, 1, 0)
    return batch


async def began(sink: Slow, *expected: tuple[str, int]) -> None:
    async with asyncio.timeout(DEADLINE):
        while sorted(sink.began) != sorted(expected):
            await asyncio.sleep(0.001)


def test_a_slow_table_holds_up_only_who_wrote_to_it() -> None:
    async def story() -> None:
        sink = Slow("held")
        inserts = GroupCommit(sink, 0.0)
        both = asyncio.create_task(inserts.write(rows("held", "free")))
        await began(sink, ("held", 1), ("free", 1))
        await asyncio.wait_for(inserts.write(rows("free")), DEADLINE)
        assert not both.done()
        sink.let_go["held"].set()
        await asyncio.wait_for(both, DEADLINE)

    asyncio.run(story())


def test_what_comes_while_an_insert_runs_shares_the_next_one() -> None:
    async def story() -> None:
        sink = Slow("held")
        inserts = GroupCommit(sink, 0.0)
        waiting = [asyncio.create_task(inserts.write(rows("held")))]
        await began(sink, ("held", 1))
        waiting += [asyncio.create_task(inserts.write(rows("held"))) for _ in range(3)]
        await asyncio.sleep(0)
        sink.let_go["held"].set()
        await asyncio.wait_for(asyncio.gather(*waiting), DEADLINE)
        assert sink.began == [("held", 1), ("held", 3)]

    asyncio.run(story())


def test_a_busy_sink_rests_as_long_as_an_insert_took() -> None:
    class Timed(Slow):
        def __init__(self) -> None:
            super().__init__()
            self.spans: list[tuple[float, float]] = []

        def write(self, table: str, batches: Sequence[RowBatch]) -> None:
            began = time.monotonic()
            time.sleep(0.05)
            self.spans.append((began, time.monotonic()))

    async def story() -> None:
        sink = Timed()
        inserts = GroupCommit(sink, 0.0)
        await inserts.write(rows("busy"))
        await asyncio.wait_for(inserts.write(rows("busy")), DEADLINE)
        (began, ended), (again, _) = sink.spans
        assert again - ended > 0.9 * (ended - began)

    asyncio.run(story())


def test_every_lane_of_an_insert_hears_that_it_failed() -> None:
    async def story() -> None:
        sink = Slow()
        sink.fails = "broken"
        inserts = GroupCommit(sink, 0.0)
        heard = await asyncio.gather(*(inserts.write(rows("broken", "free")) for _ in range(2)), return_exceptions=True)
        assert [type(one) for one in heard] == [ConnectionError] * 2
        await inserts.write(rows("free"))

    asyncio.run(story())


def test_who_waits_for_a_sink_that_is_away_is_cancelled_at_the_end() -> None:
    async def story() -> None:
        sink = Slow("held")
        inserts = GroupCommit(sink, 0.0)
        waiting = asyncio.create_task(inserts.write(rows("held")))
        await began(sink, ("held", 1))
        inserts.stop()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(waiting, DEADLINE)

    asyncio.run(story())


def test_a_lane_that_gave_up_is_left_out() -> None:
    async def story() -> None:
        sink = Slow("held")
        inserts = GroupCommit(sink, 0.0)
        first, given_up, last = (asyncio.create_task(inserts.write(rows("held"))) for _ in range(3))
        await began(sink, ("held", 3))
        later = [asyncio.create_task(inserts.write(rows("held"))) for _ in range(2)]
        await asyncio.sleep(0)
        later[0].cancel()
        given_up.cancel()
        sink.let_go["held"].set()
        await asyncio.wait_for(asyncio.gather(first, last, later[1]), DEADLINE)
        assert sink.began == [("held", 3), ("held", 1)]

    asyncio.run(story())
