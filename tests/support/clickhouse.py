"""A local ClickHouse for tests: the real engine in a process of its own, on a free port, with a folder of its own.

Use it by `pytest_plugins = ["tests.support.clickhouse"]`, or call `running_clickhouse` directly.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from sinks.client import Client, connect
from sinks.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "test"


@dataclass
class LocalClickHouse:
    """`url` is the writer's, `boards_url` the read-only one's. `kill` and `start` keep port and data."""

    path: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://default:{PASSWORD}@127.0.0.1:{self.port}"

    @property
    def boards_url(self) -> str:
        return f"http://boards:@127.0.0.1:{self.port}"

    def client(self) -> Client:
        return connect(self.url)

    def start(self, deadline_s: float = 60.0) -> None:
        command = [sys.executable, "-m", "deploy.local.clickhouse", "--path", str(self.path), "--port", str(self.port)]
        environment = os.environ | {"FUNNELWATCH_LOCAL_PASSWORD": PASSWORD, "FUNNELWATCH_LOCAL_BOARDS_PASSWORD": ""}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment)
        deadline = time.monotonic() + deadline_s
        while not self._answers():
            if self.process.poll() is not None:
                raise RuntimeError(f"the local ClickHouse ended with status {self.process.returncode}")
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"the local ClickHouse did not answer within {deadline_s} s")
            time.sleep(0.05)

    def stop(self) -> int:
        """Ends it as a supervisor does (SIGTERM) and returns its status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(how)
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/ping", timeout=1) as answer:
                return bool(answer.read() == b"Ok.\n")
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def running_clickhouse(path: Path, migrated: bool = True) -> Iterator[LocalClickHouse]:
    server = LocalClickHouse(path, free_port())
    server.start()
    try:
        if migrated:
            migrate(server.url)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalClickHouse]:
    """One migrated server per test session; tests keep apart by generation (`promote` theirs) or database."""
    with running_clickhouse(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server
