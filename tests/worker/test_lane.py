from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from streams.model import Effect, Origin, Raw, Reject, Row
from streams.worker.config import Most
from streams.worker.flush import Effects, Offsets
from streams.worker.lane import Lane
from streams.worker.outbox import Outbox
from streams.worker.watch import Watch
from tests.worker.counting import Batch, Json

TP = ("in", 0)


@dataclass
class Record:
    offset: int
    topic: str = "in"
    partition: int = 0
    timestamp: int = 1_000
    key: bytes | None = b"k"
    value: bytes | None = b"v"


class Noted:
    """Work that notes what it is given."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.folded: list[int] = []

    def take(self, record: Raw) -> Iterator[Effect]:
        self.taken.append(record.offset)
        self._record = record
        if (record.value or b"").startswith(b"bad"):
            yield Reject("bad", "for people")
        else:
            yield Row("table", (str(record.offset),), {})

    def fold_again(self, record: Raw) -> None:
        self.folded.append(record.offset)

    def source_at(self) -> int:
        return self._record.timestamp * 1000

    def origin(self) -> Origin:
        record = self._record
        return Origin(record.topic, record.partition, record.offset, 1, record.key, record.value)

    def cut(self) -> Sequence[Any]:
        return ()

    def stored(self, cut: Sequence[Any]) -> None:
        pass

    def sizes(self) -> Mapping[str, int]:
        return {}


class Flushes:
    """Flushes that take as long as the test wants."""

    transactional = False

    def __init__(self) -> None:
        self.committed: list[int] = []
        self.rows: list[Any] = []
        self.sent: list[tuple[str, int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def begin(self) -> None: ...

    async def send(self, messages: Mapping[tuple[str, int], Sequence[Any]]) -> dict[tuple[str, int], int]:
        self.sent.extend(messages)
        return {}

    async def offsets(self, offsets: Offsets) -> None: ...

    async def commit(self) -> None: ...

    async def write(self, outbox: Outbox) -> None:
        await self.gate.wait()
        if self.error:
            raise self.error
        batch = outbox.rows
        assert isinstance(batch, Batch)
        self.rows.extend(batch.rows.values())

    async def commit_offsets(self, offsets: Offsets) -> None:
        self.committed.append(offsets[TP])


def made(
    work: Noted, flushes: Flushes, ahead: int = 1000, waiting: int = 1000, busy_pause: float = 0.0
) -> tuple[Lane, list[BaseException]]:
    fatal: list[BaseException] = []
    lane = Lane(
        "test",
        work,
        lambda: Outbox({}, Json().encode, Batch()),
        Effects(flushes, flushes.write, None, lambda changed, last: None, flushes.commit_offsets, list[str]().append),
        "{}.rejected".format,
        pause=0.0,
        busy_pause=busy_pause,
        waiting=Most(waiting, 1_000_000),
        ahead=Most(ahead, 1_000_000),
        fatal=lambda name, error: fatal.append(error),
        watch=Watch().lane("test", 0),
    )
    lane.start()
    return lane, fatal


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def running(body: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await body()

    asyncio.run(run())


def test_what_is_offered_again_is_worked_off_once() -> None:
    async def body() -> None:
        work, flushes = Noted(), Flushes()
        lane, _ = made(work, flushes)
        lane.offer([Record(n) for n in range(5)])
        lane.offer([Record(n) for n in range(3, 8)])
        assert await lane.drain(5)
        assert work.taken == list(range(8))
        assert flushes.committed[-1] == 8

    running(body)


def test_a_storm_of_large_refused_messages_is_worked_off_a_few_at_a_time() -> None:
    async def body() -> None:
        work, flushes = Noted(), Flushes()
        flushes.gate.clear()
        lane, _ = made(work, flushes)
        lane.offer([Record(n, value=b"bad") for n in range(3)])
        await until(lambda: lane.pending_since() is not None)
        lane.offer([Record(n, value=b"bad" + b"x" * 300_000) for n in range(3, 20)])
        assert lane.full
        await until(lambda: len(work.taken) > 6)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(work.taken) < 12
        flushes.gate.set()
        await until(lambda: not lane.full)
        assert await lane.drain(5)
        assert work.taken == list(range(20))

    running(body)


def test_while_more_waits_than_was_worked_off_a_flush_waits_too() -> None:
    class Slow(Noted):
        def take(self, record: Raw) -> Iterator[Effect]:
            time.sleep(0.001)
            return super().take(record)

    async def body() -> None:
        flushes = Flushes()
        lane, _ = made(Slow(), flushes, busy_pause=60.0)
        lane.offer([Record(n) for n in range(200)])
        await until(lambda: bool(flushes.committed))
        assert flushes.committed[0] >= 100
        assert await lane.drain(5)
        assert flushes.committed[-1] == 200

    running(body)


def test_it_reads_on_while_it_flushes_but_not_too_far() -> None:
    async def body() -> None:
        work, flushes = Noted(), Flushes()
        flushes.gate.clear()
        lane, _ = made(work, flushes, ahead=64, waiting=500)
        lane.offer([Record(n) for n in range(64)])
        await until(lambda: len(work.taken) == 64)
        lane.offer([Record(n) for n in range(64, 1000)])
        await until(lambda: len(work.taken) == 128)
        assert lane.full
        assert not flushes.committed
        flushes.gate.set()
        assert await lane.drain(5)
        assert flushes.committed[-1] == 1000

    running(body)


def test_a_failed_flush_is_fatal_and_nothing_is_committed_afterwards() -> None:
    async def body() -> None:
        work, flushes = Noted(), Flushes()
        flushes.error = ConnectionError("away")
        lane, fatal = made(work, flushes)
        lane.offer([Record(0)])
        await until(lambda: bool(fatal))
        flushes.error = None
        lane.offer([Record(1)])
        await asyncio.sleep(0.05)
        assert flushes.committed == []
        with pytest.raises(ConnectionError):
            raise fatal[0]

    running(body)


def test_a_drain_that_takes_too_long_is_given_up() -> None:
    async def body() -> None:
        work, flushes = Noted(), Flushes()
        flushes.gate.clear()
        lane, _ = made(work, flushes)
        lane.offer([Record(0)])
        assert not await lane.drain(0.05)
        flushes.gate.set()
        await asyncio.sleep(0.05)
        assert flushes.committed == []

    running(body)


def test_a_log_that_is_folded_again_is_silent_and_commits_nothing_back() -> None:
    async def body() -> None:
        work, flushes = Noted(), Flushes()
        lane, _ = made(work, flushes)
        lane.silent_until[TP] = 3
        lane.offer([Record(n) for n in range(5)])
        assert await lane.drain(5)
        assert (work.folded, work.taken) == ([0, 1, 2], [3, 4])
        assert flushes.committed[-1] == 5

    running(body)


def test_a_refused_record_goes_to_its_topic_and_becomes_a_row() -> None:
    async def body() -> None:
        work, flushes = Noted(), Flushes()
        lane, _ = made(work, flushes)
        lane.offer([Record(0, value=b"bad"), Record(1)])
        assert await lane.drain(5)
        assert flushes.sent == [("in.rejected", 0)]
        assert flushes.rows[0]["key"] == ["in", 0, 0]
        assert flushes.rows[0]["values"]["reason"] == "bad"
        assert flushes.committed[-1] == 2

    running(body)


def test_data_is_as_old_as_the_oldest_uncommitted_record() -> None:
    async def body() -> None:
        work, flushes = Noted(), Flushes()
        flushes.gate.clear()
        lane, _ = made(work, flushes)
        assert lane.pending_since() is None
        lane.offer([Record(0, timestamp=5), Record(1, timestamp=9)])
        assert lane.pending_since() == 5_000
        await until(lambda: len(work.taken) == 2)
        assert lane.pending_since() == 5_000
        flushes.gate.set()
        await until(lambda: lane.pending_since() is None)

    running(body)
