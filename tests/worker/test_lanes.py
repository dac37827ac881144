"""Lanes at an assignment: folds begin at the beginning, and what cannot start is fatal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from streams.model import Effect, Record
from streams.step import Step
from streams.worker import lanes as module
from streams.worker.config import WorkerConfig
from streams.worker.lanes import Lanes
from streams.worker.partitions import Partitions
from streams.worker.watch import Watch
from tests.worker.counting import FileSink, Json, read_in, steps, topics

FOLD = TP(topics(1).links, 0)


class Refused:
    """A producer whose transactional id we may not use, or whose broker is away."""

    async def start(self) -> None:
        raise ConnectionError("refused")

    async def stop(self) -> None:
        pass


class Accepted:
    """A producer that takes everything."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def begin_transaction(self) -> None: ...

    async def send_offsets_to_transaction(self, offsets: Any, group: str) -> None: ...

    async def commit_transaction(self) -> None: ...


class Logged:
    """A machine that is the fold of its log."""

    def __init__(self) -> None:
        self.replayed: list[int] = []
        self.applied: list[int] = []

    def replay(self, offset: int, record: Record) -> None:
        self.replayed.append(offset)

    def apply(self, offset: int, record: Record) -> Iterator[Effect]:
        self.applied.append(offset)
        return iter(())


async def no_commit(offsets: Mapping[tuple[str, int], int]) -> None: ...


def records(*offsets: int) -> list[Any]:
    return [SimpleNamespace(topic=FOLD.topic, partition=0, offset=n, timestamp=1, key=b"", value=b"1") for n in offsets]


def test_a_fold_reads_its_log_from_the_beginning_whatever_was_fetched_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        log = Logged()
        app: Any = SimpleNamespace(rebalancing=True)
        monkeypatch.setattr(module, "new_producer", lambda *given: Accepted())
        step = Step("fold", (FOLD.topic,), read_in, lambda: log, None)
        config = WorkerConfig("", topics(1), 3, tmp_path, b"")
        lanes = Lanes(app, config, [step], Json(), FileSink(tmp_path / "rows"), Partitions(3), fatal, Watch())
        await lanes.start({FOLD}, no_commit)

        assert lanes.folds([FOLD]) == [FOLD]
        assert lanes.fold_from(FOLD, earliest=0, committed=5) == 0
        assert lanes.offer(FOLD, records(5, 6)) == 0, "while rebalancing"
        app.rebalancing = False
        assert lanes.offer(FOLD, records(5, 6)) == 0, "a fetch from the committed offset"
        assert lanes.offer(FOLD, records(0, 1, 2)) is None
        assert lanes.fold_from(FOLD, earliest=0, committed=5) == 3, "it goes on where it is"
        assert lanes.offer(FOLD, records(3, 4, 5, 6)) is None
        await lanes.stop()
        assert (log.replayed, log.applied) == ([0, 1, 2, 3, 4], [5, 6])

    asyncio.run(scenario())


def fatal(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


def test_a_lane_that_cannot_start_is_fatal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka swallows what a rebalance listener raises: the worker would hold its partitions and do nothing."""

    async def commit(offsets: Mapping[tuple[str, int], int]) -> None:
        raise AssertionError

    async def scenario() -> list[str]:
        died: list[str] = []
        config = WorkerConfig("", topics(1), 3, tmp_path, b"")
        table = SimpleNamespace(changelog_topic_name="changelog")
        app: Any = SimpleNamespace(Table=lambda *given, **named: table, rebalancing=True)
        monkeypatch.setattr(module, "new_producer", lambda *given: Refused())
        lanes = Lanes(
            app,
            config,
            steps(config.topics),
            Json(),
            FileSink(tmp_path / "rows"),
            Partitions(3),
            lambda name, error: died.append(str(error)),
            Watch(),
        )
        with pytest.raises(ConnectionError):
            await lanes.start({TP(config.topics.web, 0), TP("changelog", 0)}, commit)
        return died

    assert asyncio.run(scenario()) == ["refused"]


def test_a_lane_without_its_changelog_is_fatal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would begin with no state, and forget for good what the one before it knew."""
    died: list[str] = []
    config = WorkerConfig("", topics(1), 3, tmp_path, b"")
    table = SimpleNamespace(changelog_topic_name="changelog")
    app: Any = SimpleNamespace(Table=lambda *given, **named: table, rebalancing=True)
    monkeypatch.setattr(module, "new_producer", lambda *given: Accepted())
    sink, partitions = FileSink(tmp_path / "rows"), Partitions(3)
    told = lambda name, error: died.append(str(error))  # noqa: E731
    lanes = Lanes(app, config, steps(config.topics), Json(), sink, partitions, told, Watch())
    with pytest.raises(RuntimeError):
        asyncio.run(lanes.start({TP(config.topics.web, 0), TP("changelog", 1)}, no_commit))
    assert died == ["first[0] without changelog"]
