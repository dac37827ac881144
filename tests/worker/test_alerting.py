"""The timer of alerts: who runs it, and that no failure of it is anybody else's. And how far a worker says it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError
from prometheus_client import generate_latest

from streams.alert import Alert, Look
from streams.model import HOUR, Micros
from streams.verdict import Data
from streams.worker import alerting as module
from streams.worker.alerting import Alerting, Lag
from streams.worker.config import WorkerConfig
from streams.worker.progress import Progress, Worked, _as_of
from streams.worker.watch import Watch
from tests.alerts.world import obligation, owed
from tests.worker.counting import Json, topics


class Topic:
    """Stands for the real one; `log` outlives it."""

    def __init__(self, log: list[tuple[str, Alert | None]]) -> None:
        self.log = log
        self.last: dict[str, Alert] = {}
        self.is_open = False
        self.failing = False

    async def start(self) -> None:
        self.is_open = True

    async def stop(self) -> None:
        self.is_open, self.last = False, {}

    async def catch_up(self) -> None:
        if self.failing:
            raise KafkaConnectionError("away")
        self.last = {key: alert for key, alert in self.log if alert is not None}

    async def say(self, messages: Sequence[tuple[str, Alert | None]]) -> None:
        self.log += messages


class Boards:
    def __init__(self) -> None:
        self.now: Micros = 0
        self.live = True
        self.failing = False

    def is_live(self) -> bool:
        if self.failing:
            raise ConnectionError("no ClickHouse")
        return self.live

    def look(self, kept: Micros | None, said: Mapping[str, Alert]) -> Look | None:
        row = owed(obligation(), self.now)
        return Look(self.now, Data(self.now), [] if row is None else [row])

    def addressed(self, alerts: list[Alert]) -> list[Alert]:
        return [alert._replace(crm_record_id="00Q1") for alert in alerts]


class Timer:
    """One worker's, whose ticks the test makes."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, "funnelwatch.worker")
        self.topic, self.boards, self.watch = Topic([]), Boards(), Watch()
        self.caplog = caplog
        monkeypatch.setattr(module, "Said", lambda *given: self.topic)
        self.ours = True
        self.app: Any = SimpleNamespace(
            rebalancing=False,
            tables=SimpleNamespace(actives_ready=True),
            lanes=SimpleNamespace(has=lambda topic, partition: self.ours),
        )
        config = WorkerConfig("", topics(7), 3, folder, b"")
        self.alerting = Alerting(self.app, config, Json(), self.boards, self.watch)

    def tick(self, now: Micros) -> list[str]:
        """What is said at it."""
        before = len(self.topic.log)
        self.boards.now = now
        asyncio.run(self.alerting._look())
        return [alert.change for _, alert in self.topic.log[before:] if alert is not None]

    def waits(self) -> bool:
        return "funnelwatch_alerts_waiting 1.0" in generate_latest(self.watch.metrics.registry).decode()


@pytest.fixture
def timer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Timer:
    return Timer(tmp_path, monkeypatch, caplog)


def test_what_is_said_is_counted_and_tells_the_crms_record(timer: Timer) -> None:
    assert [timer.tick(hour * HOUR) for hour in (5, 7, 8, 9)] == [[], ["warned"], ["leaking"], []]
    assert {alert.crm_record_id for _, alert in timer.topic.log if alert} == {"00Q1"}
    text = generate_latest(timer.watch.metrics.registry).decode()
    assert 'funnelwatch_alerts_total{change="leaking"} 1.0' in text


def test_an_outage_is_logged_once_and_missed_nothing(timer: Timer) -> None:
    timer.tick(7 * HOUR)
    for part in (timer.boards, timer.topic):
        timer.caplog.clear()
        part.failing = True
        assert [timer.tick(8 * HOUR) for _ in range(3)] == [[], [], []]
        assert timer.waits()
        assert [one.levelname for one in timer.caplog.records] == ["WARNING"]
        part.failing = False
        said = timer.tick(8 * HOUR)
        assert not timer.waits()
        assert timer.caplog.messages[-1] == "alerts go on"
        assert said == (["leaking"] if part is timer.boards else [])


def test_who_has_not_the_links_or_is_not_live_says_nothing(timer: Timer) -> None:
    timer.ours = False
    assert timer.tick(9 * HOUR) == []
    timer.ours, timer.app.rebalancing = True, True
    assert timer.tick(9 * HOUR) == []
    timer.app.rebalancing, timer.boards.live = False, False
    assert timer.tick(9 * HOUR) == []
    timer.boards.live = True
    assert timer.tick(9 * HOUR) == ["leaking"]
    timer.ours = False
    timer.tick(9 * HOUR)
    assert not timer.topic.is_open, "somebody else's, who may say more"


def test_behind_for_a_minute_is_behind_whatever_the_boards_clock_does() -> None:
    lag = Lag()
    assert lag.behind(0, 0, -1) is None
    for second in range(0, 30, 10):
        assert lag.behind(second, second * HOUR, (second - 1) * HOUR) is (None if second == 0 else False)
    assert lag.behind(30, 99 * HOUR, 29 * HOUR) is False, "it has jumped"
    assert [lag.behind(second, second * HOUR, 29 * HOUR) for second in (40, 80, 90)] == [False, False, True]
    assert lag.behind(100, 100 * HOUR, 29 * HOUR) is True
    assert lag.behind(110, 110 * HOUR, 110 * HOUR) is False


def progress(pending: Micros | None, following: int | None = 5, folds_until: int | None = None) -> Progress:
    return Progress("journey", "lead", 0, pending, following, 5, Worked(), 0, folds_until)


@pytest.mark.parametrize(
    ("lane", "behind", "before", "said"),
    [
        (progress(None), 0, 3, 10),
        (progress(7), 4, 3, 7),
        (progress(11), 4, 3, 10),
        (progress(None, None), None, 3, 3),
        (progress(None, None), None, None, None),
        (progress(None), 2, 3, 3),
        (progress(1, 4, 5), 1, 3, 3),
        (progress(None, 5, 5), 0, 3, 10),
    ],
    ids=[
        "all is done",
        "its oldest record",
        "a record from the future",
        "nothing fetched yet",
        "nor by anybody before",
        "more in Kafka than was seen",
        "a fold of what was done long ago",
        "a fold that is done",
    ],
)
def test_a_worker_says_how_far_it_is_only_if_it_knows(
    lane: Progress, behind: int | None, before: Micros | None, said: Micros | None
) -> None:
    assert _as_of(lane, behind, 10, before) == said
