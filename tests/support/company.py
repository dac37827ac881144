"""A whole funnelwatch for tests: a broker, ClickHouse, and the real worker process by its command line."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from sinks.reader import BoardsReader
from tests.support.clickhouse import LocalClickHouse
from tests.support.kafka import TestBroker

DEADLINE = 120.0
TOLD = 5_000  # characters of the end of a log, where a failure tells it
_PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
_generations = itertools.count(int(time.time()) % 1_000_000 * 100 + _PROCESS * 100_000_000)


class Company:
    """One generation on a broker and a ClickHouse; `environment` are its settings, `more` stand above ours.

    before: what has to be done before its first command.
    """

    def __init__(
        self,
        broker: TestBroker,
        clickhouse: LocalClickHouse,
        folder: Path,
        more: Mapping[str, str] = MappingProxyType({}),
        before: Callable[[Company], None] = lambda _: None,
    ) -> None:
        self.broker = broker
        self.folder = folder
        self.generation = next(_generations)
        self.topics = {name: f"c{self.generation}.{name}.events" for name in ("web", "form", "crm")}
        self.leaks = f"c{self.generation}.funnel.leaks"
        self.environment = {
            "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
            "CLICKHOUSE_URL": clickhouse.url,
            "FUNNELWATCH_BOARDS_URL": clickhouse.boards_url,
            "FUNNELWATCH_GENERATION": str(self.generation),
            "FUNNELWATCH_TRANSACTIONS": str(broker.transactions).lower(),
            "FUNNELWATCH_IDEMPOTENCE": str(broker.transactions).lower(),
            "FUNNELWATCH_EMAIL_KEY": "a secret for tests only",
            "FUNNELWATCH_DATA_DIR": str(folder / "data"),
            "FUNNELWATCH_SESSION_TIMEOUT": "6s",
            "FUNNELWATCH_HEALTH_PORT": "0",
            **{f"FUNNELWATCH_TOPIC_{name.upper()}": topic for name, topic in self.topics.items()},
            "FUNNELWATCH_TOPIC_LEAKS": self.leaks,
            **more,
        }
        self.clickhouse = clickhouse
        self.worker: subprocess.Popen[bytes] | None = None
        self._spawned: list[subprocess.Popen[bytes]] = []
        before(self)
        self.run("topics")
        self.run("migrate")
        client = clickhouse.client()
        client.command(f"INSERT INTO facts.live (generation) VALUES ({self.generation})")
        client.close()
        self._reader = BoardsReader(clickhouse.boards_url)

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`funnelwatch ARGUMENTS` to its end."""
        done = subprocess.run(self._command(*arguments), env=self._env(), capture_output=True, text=True, timeout=300)
        if check and done.returncode != 0:
            pytest.fail(f"funnelwatch {' '.join(arguments)}: status {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            process = subprocess.Popen(self._command(*arguments), env=self._env(), stdout=log, stderr=log)
        self._spawned.append(process)
        return process

    def start_worker(self) -> None:
        self.worker = self.spawn("worker")

    def kill_worker(self) -> None:
        assert self.worker is not None
        self.worker.kill()
        self.worker.wait()
        self.worker = None

    def stop_worker(self) -> None:
        assert self.worker is not None
        self.worker.send_signal(signal.SIGTERM)
        assert self.worker.wait(60) == 0, self.log()[-TOLD:]
        self.worker = None

    def close(self) -> None:
        self._reader.close()
        for process in self._spawned:
            if process.poll() is None:
                process.kill()
                process.wait()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """As the boards see it."""
        return [tuple(row) for row in self._reader.query(sql).rows]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """As the worker's own user, who sees every table."""
        client = self.clickhouse.client()
        try:
            return [tuple(row) for row in client.query(sql).result_rows]
        finally:
            client.close()

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + DEADLINE
        while not condition():
            if self.worker is not None and self.worker.poll() is not None:
                pytest.fail(f"the worker ended with {self.worker.returncode}\n{self.log()[-TOLD:]}")
            if time.monotonic() > deadline:
                pytest.fail(f"{what}: not within {DEADLINE:g} s\n{self.log()[-TOLD:]}")
            time.sleep(0.1)

    def health(self) -> str:
        """Where the worker that was started last answers; waits until it says so."""
        found: list[str] = []

        def said() -> bool:
            found[:] = re.findall(
                r"metrics and health at (http://[\w.:\[\]]+)", (self.folder / "worker.log").read_text()
            )
            return bool(found)

        self.wait(said, "the health port")
        return found[-1]

    def log(self) -> str:
        path = self.folder / "worker.log"
        return path.read_text() if path.exists() else "no log"

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "deploy.cli", *arguments]

    def _env(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


@contextmanager
def company_on(broker: TestBroker, clickhouse: LocalClickHouse, folder: Path, **more: Any) -> Iterator[Company]:
    company = Company(broker, clickhouse, folder, **more)
    try:
        yield company
        if company.worker is not None:
            company.stop_worker()
    finally:
        company.close()


@pytest.fixture
def company(any_broker: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path) -> Iterator[Company]:
    """On both brokers; its worker is not started yet."""
    with company_on(any_broker, clickhouse, tmp_path) as made:
        yield made
