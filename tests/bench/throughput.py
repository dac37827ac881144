"""One variant on one set of events: events per second, peak memory, and whether its rows are what they must be.

The variant runs and is warm (it has worked off a few events) when the events are produced, as fast as Kafka takes them.
Time runs from the first one produced to the last row written, so starting up is no part of it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sinks.client import Client
from sinks.tables import FACTS
from tests.bench.events import Encoded, produce
from tests.bench.rows import Rows, compare
from tests.bench.variants import Variant
from tests.support.company import Company

CORE, OTHERS_CORE = 0, 1
WARM_EVENTS = 500
WARM_SECONDS = 3.0  # without a new row: warm
LOOK_SECONDS, LOOK_AGAIN_SECONDS = 2.0, 15.0  # without a new row: perhaps done, done whatever the rows say
DEADLINE = 900.0


@dataclass(frozen=True)
class Measured:
    events: int
    seconds: float
    cpu_seconds: float  # of the variant's process: hardly changed by what else runs on the machine
    memory_mb: float
    rows: Rows

    @property
    def rate(self) -> float:
        return self.events / self.seconds


@dataclass(frozen=True)
class Expected:
    """What the core made of the same events; `generation` has its rows."""

    generation: int
    events: int
    seconds: float
    messages: int


class Failed(Exception):
    """A variant ended by itself or did not get done; with the end of its log."""


def core(company: Company, events: int, seed: int, take: int) -> Expected:
    """The core alone on the first `take` of so many events."""
    sizes = {"events": events, "seed": seed, "take": take, "warm": WARM_EVENTS}
    command = ["-m", "tests.bench.core", *(text for name, n in sizes.items() for text in (f"--{name}", str(n)))]
    done = subprocess.run(
        ["taskset", "-c", str(CORE), sys.executable, *command],
        env={**os.environ, **company.environment},
        stdout=subprocess.PIPE,
        check=True,
        timeout=DEADLINE,
    )
    said = json.loads(done.stdout)
    return Expected(company.generation, take, said["seconds"], said["messages"])


def measure(
    variant: Variant,
    company: Company,
    warm: Sequence[Encoded],
    events: Sequence[Encoded],
    expected: Expected,
    watched: Callable[[int], AbstractContextManager[None]] = lambda pid: nullcontext(),
) -> Measured:
    """`watched` is entered with the process's id while it works. Raises Failed."""
    client = company.clickhouse.client()
    with running(variant, company) as process:
        watch = Watch(company.folder / f"{variant.name}.log", process, client, company.generation)
        produce(company.broker.bootstrap_servers, company.topics, warm)
        watch.still(WARM_SECONDS)
        began, used = time.time(), watch.cpu_seconds
        with watched(process.pid):
            produce(company.broker.bootstrap_servers, company.topics, events)
            watch.still(LOOK_SECONDS)
            rows = compare(client, company.generation, expected.generation)
            while not rows.same and watch.more(LOOK_AGAIN_SECONDS):
                watch.still(LOOK_SECONDS)
                rows = compare(client, company.generation, expected.generation)
        cpu = watch.cpu_seconds - used
        measured = Measured(len(events), watch.last - began, cpu, watch.memory_mb, rows)
    client.close()
    return measured


@contextmanager
def running(variant: Variant, company: Company) -> Iterator[subprocess.Popen[bytes]]:
    """On its core, until the block ends; its output goes to the company's folder."""
    with (company.folder / f"{variant.name}.log").open("wb") as log:
        process = subprocess.Popen(
            ["taskset", "-c", str(CORE), *variant.command],
            env={**os.environ, **company.environment},
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.kill()  # nobody needs what it would still do
            process.wait()


class Watch:
    """Looks at the rows of a generation; `last` is when the newest was written, `quiet` how long ago it was seen."""

    def __init__(self, log: Path, process: subprocess.Popen[bytes], client: Client, generation: int) -> None:
        self._log, self._process, self._client = log, process, client
        tables = " UNION ALL ".join(
            f"SELECT count() AS n, max(written_at) AS at FROM {table.full_name} WHERE generation = {generation}"
            for table in FACTS
        )
        self._sql = f"SELECT sum(n), toUnixTimestamp64Milli(max(at)) FROM ({tables})"
        self._rows, self._known, self._seen = 0, 0, time.monotonic()
        self.last = 0.0
        self.memory_mb = self.cpu_seconds = 0.0  # the latter when the newest row was seen

    @property
    def quiet(self) -> float:
        return time.monotonic() - self._seen

    def still(self, seconds: float) -> None:
        """Returns when rows have come since it was last still, and then none for so long. Raises Failed."""
        self._wait(lambda: self._rows != self._known and self.quiet >= seconds)
        self._known = self._rows

    def more(self, seconds: float) -> bool:
        """Whether another row comes before none has come for so long. Raises Failed."""
        self._wait(lambda: self._rows != self._known or self.quiet >= seconds)
        return self._rows != self._known

    def _wait(self, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE
        while not reached():
            if (status := self._process.poll()) is not None:
                raise Failed(f"{self._log.stem} ended with status {status}\n{self._log.read_text()[-2000:]}")
            if time.monotonic() > deadline:
                raise Failed(f"{self._log.stem} was not done in {DEADLINE:g} s\n{self._log.read_text()[-2000:]}")
            time.sleep(0.25)
            self._look()

    def _look(self) -> None:
        rows, last = self._client.query(self._sql).result_rows[0]
        if rows != self._rows:
            self._rows, self._seen, self.last = int(rows), time.monotonic(), int(last) / 1000
            self.cpu_seconds = cpu_seconds(self._process.pid)
        self.memory_mb = max(self.memory_mb, peak_memory(self._process.pid))


def peak_memory(pid: int) -> float:
    """MB that were resident at the most, of a process and its children."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return (int(found[1]) / 1024 if found else 0.0) + sum(peak_memory(int(child)) for child in children)


def cpu_seconds(pid: int) -> float:
    fields = stat(pid)
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def stat(pid: int) -> list[str]:
    """Fields of proc(5)'s stat from the state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
