"""The real worker on a core of its own; everything else of a benchmark runs on the other one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.bench.throughput import CORE, OTHERS_CORE, cpu_seconds, stat
from tests.support.apache_kafka import ApacheKafka
from tests.support.clickhouse import LocalClickHouse, running_clickhouse
from tests.support.company import Company


class Kafka(Protocol):
    """A broker that runs: ApacheKafka, or the tests' fixture."""

    @property
    def bootstrap_servers(self) -> str: ...


class Pinned:
    """A process on the worker's core. `began`: when it was started, by time.time()."""

    def __init__(self, company: Company, arguments: Sequence[str], log: Path) -> None:
        command = ["taskset", "-c", str(CORE), sys.executable, "-m", *arguments]
        self._log = log
        self.began = time.time()
        with log.open("ab") as out:
            environment = {**os.environ, **company.environment}
            self.process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)

    def check(self) -> None:
        """Raises SystemExit with the end of its log once it has ended."""
        if self.process.poll() is not None:
            raise SystemExit(f"the worker ended with {self.process.returncode}\n{self.log()}")

    def seconds(self) -> float:
        """Since it was started."""
        return time.time() - self.began

    def wait_stopped(self) -> None:
        """Until a failpoint has stopped it."""
        while stat(self.process.pid)[0] != "T":
            self.check()
            time.sleep(0.01)

    def log(self) -> str:
        return self._log.read_text()[-3000:]

    def memory(self) -> dict[str, int]:
        """Resident bytes: now, and the most so far."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        found = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)
                 if name in ("VmRSS", "VmHWM")}  # fmt: skip
        return {"now": found["VmRSS"], "most": found["VmHWM"]}

    def cpu(self) -> float:
        """Seconds of processor time so far, all threads."""
        return cpu_seconds(self.process.pid)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextmanager
def worker(company: Company) -> Iterator[Pinned]:
    """`funnelwatch worker` until the end of the block."""
    running = Pinned(company, ["deploy.cli", "worker"], company.folder / "worker.log")
    try:
        yield running
    finally:
        running.end()


@contextmanager
def both_cores() -> Iterator[None]:
    """While no worker runs, this process may use its core, too."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {*before, CORE} & set(range(os.cpu_count() or 1)))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def servers() -> Iterator[tuple[ApacheKafka, LocalClickHouse, Path]]:
    """Kafka, ClickHouse and a folder for a benchmark that is run by itself, off the worker's core."""
    os.sched_setaffinity(0, {OTHERS_CORE})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        kafka = ApacheKafka(folder)
        try:
            with running_clickhouse(folder / "clickhouse") as clickhouse:
                yield kafka, clickhouse, folder
        finally:
            kafka.kill()
