"""The transport's promises, by real processes on real brokers: nothing lost, nothing forgotten, whoever is killed."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from tests.support.kafka import TestBroker, create_topics, produce
from tests.worker.counting import STUCK, steps, topics

NUMBERS = 12_000
KEYS = 120
BAD_EVERY = 997  # so that there are some in every partition
DEADLINE = 90.0
STOP_GRACE = 15.0  # what WorkerConfig allows
_generations = itertools.count(int(time.time()) % 1_000_000 * 100)


def good(numbers: range) -> list[int]:
    return [n for n in numbers if n % BAD_EVERY]


class Counting:
    """Workers of one generation, and what they wrote."""

    def __init__(self, broker: TestBroker, folder: Path, replicas: int = 1) -> None:
        self.broker = broker
        self.folder = folder
        self.generation = next(_generations)
        self.topics = topics(self.generation)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.may_die: subprocess.Popen[bytes] | None = None
        self.supervised = False  # a worker that ends by itself is started again
        create_topics(broker, self.topics.web, self.topics.lead, replicas=replicas)
        create_topics(broker, self.topics.rejected(self.topics.web), partitions=1, replicas=replicas)
        changelogs = [self.topics.changelog(step.name) for step in steps(self.topics)]
        create_topics(broker, *changelogs, replicas=replicas, cleanup_policy="compact")

    def produce(self, numbers: range) -> None:
        def record(n: int) -> tuple[bytes, bytes]:
            return f"k{n % KEYS}".encode(), b"garbage" if n % BAD_EVERY == 0 else str(n).encode()

        produce(self.broker, self.topics.web, map(record, numbers))

    def worker(self, name: str = "a", *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.worker.counting", "--bootstrap", self.broker.bootstrap_servers]
        command += ["--data", str(self.folder / name), "--rows", str(self.folder / f"{name}.rows")]
        command += ["--generation", str(self.generation), *arguments]
        if self.broker.transactions:
            command.append("--transactions")
        with (self.folder / f"{name}.log").open("ab") as log:
            worker = subprocess.Popen(command, stdout=log, stderr=log)
        self.workers.append(worker)
        return worker

    def rows(self) -> dict[tuple[str, ...], dict[str, list[int]]]:
        """table and key -> values of the highest revision."""
        newest: dict[tuple[str, ...], tuple[int, dict[str, list[int]]]] = {}
        for path in self.folder.glob("*.rows"):
            for line in path.read_bytes().splitlines():
                try:
                    row = json.loads(line)
                except ValueError:  # cut off by a kill
                    continue
                key = (row["table"], *map(str, row["key"]))
                if key not in newest or newest[key][0] <= row["revision"]:
                    newest[key] = (row["revision"], row["values"])
        return {key: values for key, (_, values) in newest.items()}

    def seen(self) -> list[int]:
        return sorted(n for key, values in self.rows().items() if key[0] == "counts" for n in values["seen"])

    def refused(self) -> int:
        return sum(key[0] == "rejects" for key in self.rows())

    def members(self) -> list[str]:
        """Ids of the workers in the group; one that left and came again has another."""
        group = self.topics.group
        admin = AdminClient({"bootstrap.servers": self.broker.bootstrap_servers})
        return [member.member_id for member in admin.describe_consumer_groups([group])[group].result(10).members]

    @contextmanager
    def sink_away(self, worker: str) -> Iterator[None]:
        """Inside, no row is taken, and this worker is waiting for that."""
        away = self.folder / "away"
        away.touch()
        self.wait(lambda: (self.folder / f"{worker}.waits").exists())
        yield
        away.unlink()

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE
        while not condition():
            ended = [worker for worker in self.workers if worker.poll() not in (None, -signal.SIGKILL, 0)]
            dead = [worker for worker in ended if worker is not self.may_die]
            if dead and self.supervised:
                for worker in dead:
                    self.workers.remove(worker)
                    self.worker()
                dead = []
            if dead or time.monotonic() > deadline:
                logs = "\n".join(path.read_text()[-3000:] for path in self.folder.glob("*.log"))
                pytest.fail(f"{'a worker died' if dead else 'too late'}: {len(self.seen())} numbers\n{logs}")
            time.sleep(0.1)

    def wait_for_all(self, numbers: range) -> None:
        expected = good(numbers)
        self.wait(lambda: len(self.seen()) >= len(expected))
        assert self.seen() == expected
        self.wait(lambda: self.refused() >= len(numbers) - len(expected))
        assert self.refused() == len(numbers) - len(expected)


@contextmanager
def running_counting(broker: TestBroker, folder: Path, replicas: int = 1) -> Iterator[Counting]:
    counting = Counting(broker, folder, replicas)
    try:
        yield counting
    finally:
        for worker in counting.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
                worker.wait()


@pytest.fixture
def counting(any_broker: TestBroker, tmp_path: Path) -> Iterator[Counting]:
    with running_counting(any_broker, tmp_path) as counting:
        yield counting


@pytest.fixture
def counting_on_kafka(kafka: TestBroker, tmp_path: Path) -> Iterator[Counting]:
    with running_counting(kafka, tmp_path) as counting:
        yield counting


def test_nothing_is_lost_when_a_worker_is_killed_while_it_works(counting: Counting) -> None:
    counting.produce(range(NUMBERS))
    worker = counting.worker()
    counting.wait(lambda: len(counting.seen()) > NUMBERS // 10)
    worker.kill()
    worker.wait()
    counting.worker()
    counting.wait_for_all(range(NUMBERS))


def test_a_stopped_worker_has_committed_all_that_it_took(counting: Counting) -> None:
    counting.produce(range(NUMBERS))
    worker = counting.worker()
    counting.wait_for_all(range(NUMBERS))
    worker.terminate()
    assert worker.wait(30) == 0
    for path in counting.folder.glob("*.rows"):
        path.unlink()
    counting.produce(range(NUMBERS, NUMBERS + 1_500))
    counting.worker()
    # Every key is written again, with all that its state remembers; what was refused before is not read again.
    both = range(NUMBERS + 1_500)
    counting.wait(lambda: len(counting.seen()) >= len(good(both)))
    counting.wait(lambda: counting.refused() > 0)
    assert counting.refused() == len(both) - len(good(both)) - (NUMBERS - len(good(range(NUMBERS))))


def test_states_come_back_from_the_changelog_alone(counting_on_kafka: Counting) -> None:
    counting = counting_on_kafka
    counting.produce(range(NUMBERS))
    worker = counting.worker()
    counting.wait_for_all(range(NUMBERS))
    worker.kill()
    worker.wait()
    shutil.rmtree(counting.folder / "a")
    counting.produce(range(NUMBERS, NUMBERS + 1_500))
    counting.worker()
    counting.wait_for_all(range(NUMBERS + 1_500))


def test_workers_join_and_leave(counting_on_kafka: Counting) -> None:
    counting = counting_on_kafka
    first = counting.worker("a")
    counting.produce(range(NUMBERS // 3))
    counting.wait(lambda: len(counting.seen()) > 100)
    counting.worker("b")
    counting.produce(range(NUMBERS // 3, 2 * NUMBERS // 3))
    counting.wait(lambda: len(counting.seen()) > NUMBERS // 2)
    first.terminate()
    counting.produce(range(2 * NUMBERS // 3, NUMBERS))
    counting.wait_for_all(range(NUMBERS))
    assert first.wait(30) == 0


def test_a_worker_that_was_away_too_long_writes_nothing_when_it_comes_back(counting_on_kafka: Counting) -> None:
    counting = counting_on_kafka
    counting.produce(range(NUMBERS))
    sleeper = counting.worker("a")
    counting.wait(lambda: len(counting.seen()) > NUMBERS // 10)
    os.kill(sleeper.pid, signal.SIGSTOP)
    counting.worker("b")
    counting.produce(range(NUMBERS, 2 * NUMBERS))
    counting.wait(lambda: (counting.folder / "b.rows").exists() and len(counting.seen()) > NUMBERS)
    os.kill(sleeper.pid, signal.SIGCONT)
    counting.may_die = sleeper  # as it finds itself fenced; or it had nothing under way, and joins again
    counting.produce(range(2 * NUMBERS, 3 * NUMBERS))
    counting.wait_for_all(range(3 * NUMBERS))


def test_a_worker_that_leaves_soon_after_it_came_leaves_all_its_states(counting_on_kafka: Counting) -> None:
    """Two rebalances within seconds: the second recovery may not take the first one's end for its own."""
    counting = counting_on_kafka
    counting.worker("a")
    counting.produce(range(NUMBERS))
    counting.wait_for_all(range(NUMBERS))
    produced = NUMBERS
    for name in "bcdefg":
        guest = counting.worker(name)
        rows = counting.folder / f"{name}.rows"
        for _ in range(100):
            counting.produce(range(produced, produced + KEYS))
            produced += KEYS
            time.sleep(0.1)
            if rows.exists() and b'"counts"' in rows.read_bytes():
                break
        guest.terminate()
        assert guest.wait(30) == 0
    counting.produce(range(produced, produced + KEYS))
    counting.wait_for_all(range(produced + KEYS))


def test_a_worker_stops_in_time_while_the_sink_is_away(counting_on_kafka: Counting) -> None:
    counting = counting_on_kafka
    worker = counting.worker("a")
    counting.produce(range(NUMBERS // 2))
    counting.wait(lambda: len(counting.seen()) > 100)
    with counting.sink_away("a"):
        counting.produce(range(NUMBERS // 2, NUMBERS))
        worker.terminate()
        assert worker.wait(STOP_GRACE) == 0
    counting.worker("a")
    counting.wait_for_all(range(NUMBERS))


def test_partitions_move_while_the_sink_is_away(counting_on_kafka: Counting) -> None:
    counting = counting_on_kafka
    counting.worker("a")
    counting.produce(range(NUMBERS // 2))
    counting.wait(lambda: len(counting.seen()) > 100)
    with counting.sink_away("a"):
        counting.produce(range(NUMBERS // 2, NUMBERS))
        counting.worker("b")
        counting.wait(lambda: (counting.folder / "b.waits").exists())
    counting.wait_for_all(range(NUMBERS))
    assert [worker.poll() for worker in counting.workers] == [None, None]


def test_a_step_that_never_comes_back_ends_the_worker_and_is_named(counting_on_kafka: Counting) -> None:
    counting = counting_on_kafka
    counting.produce(range(NUMBERS))
    worker = counting.worker("a", "--stuck-after", "3")
    counting.wait(lambda: len(counting.seen()) > 100)
    counting.produce(range(STUCK, STUCK + 1))
    assert worker.wait(DEADLINE) == 1
    log = (counting.folder / "a.log").read_text()
    assert "counting.py" in log and "in apply" in log


def test_a_long_absence_of_the_sink_costs_no_partition(counting_on_kafka: Counting) -> None:
    """Nothing is fetched while all lanes are full, for longer than a group waits for one that does not fetch."""
    counting = counting_on_kafka
    counting.worker("a", "--poll-interval", "3", "--waiting", "50", "--ahead", "100")
    counting.produce(range(NUMBERS // 4))
    counting.wait(lambda: len(counting.seen()) > 100)
    (before,) = counting.members()
    with counting.sink_away("a"):
        counting.produce(range(NUMBERS // 4, NUMBERS))
        over = time.monotonic() + 10.0
        counting.wait(lambda: time.monotonic() > over)
        assert counting.members() == [before]
    counting.wait_for_all(range(NUMBERS))
    assert counting.members() == [before]
