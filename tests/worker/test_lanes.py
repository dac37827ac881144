"""What becomes of an assignment whose lanes cannot start."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from streams.worker import lanes as module
from streams.worker.config import WorkerConfig
from streams.worker.lanes import Lanes
from streams.worker.partitions import Partitions
from tests.worker.counting import FileSink, Json, steps, topics


class Refused:
    """A producer whose transactional id we may not use, or whose broker is away."""

    async def start(self) -> None:
        raise ConnectionError("refused")

    async def stop(self) -> None:
        pass


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
        )
        with pytest.raises(ConnectionError):
            await lanes.start({TP(config.topics.web, 0)}, commit)
        return died

    assert asyncio.run(scenario()) == ["refused"]
