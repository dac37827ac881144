"""One generation that things happen to: its workers, its load, and what it has come to in the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from confluent_kafka import KafkaError, Message, Producer, TopicPartition

from deploy import topics
from deploy.wait import group
from sinks.tables import FACTS
from tests.faults.load import Event
from tests.faults.pods import Pod
from tests.faults.proofs import Place, Proofs
from tests.support.clickhouse import LocalClickHouse
from tests.support.kafka import TestBroker
from tests.support.run import CAPS, Run
from tests.support.schema_registry import SchemaRegistry

PARTITIONS = 3
WITHIN = 120.0  # seconds for anything that is waited for
_BY_KEY = -1
_SESSION = "6s"
_DRIP = 0.3  # seconds


class Deployment(Run):
    """`happened` counts the faults; `failures` are what was wrong meanwhile, a line each."""

    def __init__(
        self,
        broker: TestBroker,
        clickhouse: LocalClickHouse,
        folder: Path,
        events: Sequence[Event],
        random: Random,
        registry: SchemaRegistry | None = None,
    ) -> None:
        super().__init__(broker, clickhouse, folder, PARTITIONS)
        self.environment["FUNNELWATCH_SESSION_TIMEOUT"] = _SESSION
        if registry is not None:
            self.environment["SCHEMA_REGISTRY_URL"] = registry.url
        self.registry = registry
        self.scale = 1.0  # of the shares that are fed: several cases may be played on one load
        self.random = random
        self.happened = 0
        self.failures: list[str] = []
        self.pods: dict[str, Pod] = {}
        self.events = len(events)
        self.names = topics.names(self._settings)
        self.group = group(self._settings)
        self.proofs = Proofs(
            broker.bootstrap_servers,
            self.group,
            self.names,
            PARTITIONS,
            clickhouse.client,
            registry.url if registry else None,
        )
        self._left = iter(events)
        self._undelivered: list[KafkaError] = []
        self._producer = Producer(
            {
                "bootstrap.servers": broker.bootstrap_servers,
                "partitioner": "murmur2_random",
                "enable.idempotence": True,  # or a broker that comes back might have them twice, or in another order
                "linger.ms": 5,
                "log_level": 3,
                "queue.buffering.max.messages": 1_000_000,
            }
        )

    # -- load

    def feed(self, share: float) -> None:
        """The next events, a `share` of the whole load; returns before Kafka has them."""
        for event in islice(self._left, max(1, round(self.events * share * self.scale))):
            self._produce(event)

    def feed_rest(self) -> None:
        """All that is left; returns when Kafka has everything."""
        for event in self._left:
            self._produce(event)
        assert self._producer.flush(WITHIN) == 0, f"Kafka did not take all events within {WITHIN:g} s"
        assert not self._undelivered, self._undelivered[0]

    def _produce(self, event: Event) -> None:
        topic = getattr(self.names, event.topic)

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self._undelivered.append(error)
                return
            place = (topic, message.partition() or 0, message.offset() or 0)
            if event.kind == "mark":
                self.proofs.marks[place] = event.mark
            elif event.kind == "poison":
                self.proofs.poison.add(place)

        partition = _BY_KEY if event.partition is None else event.partition % PARTITIONS
        while True:
            with suppress(BufferError):
                self._producer.produce(topic, event.value, event.key, partition, on_delivery=delivered)
                break
            self._producer.poll(0.1)
        self._producer.poll(0)

    # -- workers

    def up(self, name: str = "a", failpoint: str = "", **settings: str) -> Pod:
        """A worker of that name runs, from now on until it is killed or stopped; `settings` are for a new one."""
        if name not in self.pods:
            self.pods[name] = Pod(name, self.folder, {**self._env(), **settings})
        self.pods[name].start(failpoint)
        return self.pods[name]

    def down(self, name: str = "a") -> None:
        """kill -9, and what it left behind is looked at if no other one works."""
        self.pods[name].kill()
        self.happened += 1
        self.prove()

    def dies_at(self, failpoint: str, share: float = 0.0, name: str = "a") -> None:
        """Starts it with a failpoint and feeds it, drop by drop, until that has killed it; looks at what it left."""
        pod = self.up(name, failpoint)
        looked = time.monotonic()

        def died() -> bool:
            nonlocal looked
            if share and time.monotonic() - looked > _DRIP:
                looked = time.monotonic()
                committed, all_of_them = self._source_records()
                if committed == all_of_them:  # many small flushes rather than a large one
                    self.feed(share / 20)
            return pod.died_at_failpoint

        self.until(died, f"{name} dies at {failpoint}")
        self.happened += 1
        self.prove()

    def kill_all(self) -> None:
        for pod in self.pods.values():
            pod.kill()
        self.prove()

    def terminates(self, name: str = "a") -> None:
        """SIGTERM; it ends with 0 and leaves nothing half done."""
        code = self.pods[name].terminate()
        self.happened += 1
        if code != 0:
            self.failures.append(f"worker {name} ended with {code} at SIGTERM: {self.pods[name].log()[-500:]}")
        self.prove()
        self.failures += self.proofs.left_undone()[:5]

    def prove(self) -> None:
        """Adds to `failures` what is committed and not safe, if no worker runs."""
        self._producer.flush(1)
        if not any(pod.runs for pod in self.pods.values()):
            self.failures += self.proofs.failures()[:5]

    @property
    def restarts(self) -> int:
        return sum(pod.restarts for pod in self.pods.values())

    def _check(self) -> None:
        self._producer.poll(0)
        for pod in self.pods.values():
            pod.tend()

    # -- time

    def until(self, condition: Callable[[], bool], what: str, within: float = WITHIN) -> None:
        """Workers are tended meanwhile. Fails the test after `within` seconds."""
        end = time.monotonic() + within
        while not condition():
            self._check()
            if time.monotonic() > end:
                pytest.fail(f"{what}: not within {within:g} s\n{self.log()}")
            time.sleep(0.05)

    def lasts(self, seconds: float) -> None:
        """For so long what is the case now goes on; the moment of the next fault is what this is for."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._check()
            time.sleep(min(0.05, left))

    def commits(self) -> None:
        """Returns when more records of the source topics are committed, or all that Kafka has."""
        before, _ = self._source_records()

        def more() -> bool:
            committed, all_of_them = self._source_records()
            return committed > before or committed == all_of_them > 0

        self._producer.flush(1)
        self.until(more, "more records")

    def of_group(self, count: int) -> None:
        """Returns when so many workers have agreed on who does what."""
        self.until(lambda: self._members() == count, f"a group of {count}")

    def _source_records(self) -> tuple[int, int]:
        """Committed, and there; a record in a source topic is one offset, as nobody writes those in transactions."""
        asked = [TopicPartition(topic, number) for topic in self.names.sources for number in range(PARTITIONS)]
        committed = sum(max(0, one.offset) for one in self.proofs.committed(asked))
        sources = set(self.names.sources)
        return committed, sum(end for where, end in self._ends().items() if where.topic in sources)

    # -- the end

    def finish(self) -> None:
        """All is sent and worked off, the workers stop as they should, and what they left is looked at."""
        self.feed_rest()
        self.wait_for_quiet()
        for pod in self.pods.values():
            if pod.runs and (code := pod.terminate()) != 0:
                self.failures.append(f"worker {pod.name} ended with {code} when it was told to stop")
            self.failures += [f"it ended without a word why: {end}" for end in pod.quiet_ends]
        self.prove()
        missing = self.marks_without_rows()
        self.failures += [f"{mark} has no row" for mark in missing[:5]]

    def marks_without_rows(self) -> list[str]:
        mine = f"FINAL WHERE generation = {self.generation}"
        visits = self.ask(f"SELECT device FROM facts.visits {mine} AND device LIKE 'mark-web-%'")
        events = self.ask(f"SELECT event_id FROM facts.lead_events {mine} AND event_id LIKE 'mark-%'")
        return sorted(set(self.proofs.marks.values()) - {row[0] for row in (*visits, *events)})

    def doubled(self) -> int:
        """Rows of equal key under FINAL, and records that were refused twice."""
        sums = [
            f"SELECT count() - uniqExact({', '.join(table.sorting)}) AS n FROM {table.full_name} FINAL"
            f" WHERE generation = {self.generation}"
            for table in FACTS
        ]
        return int(self.ask(f"SELECT sum(n) FROM ({' UNION ALL '.join(sums)})")[0][0]) + self.proofs.doubled_rejects()

    def refused_where(self) -> Counter[tuple[str, int, int, str]]:
        """Source, partition and offset of what was refused, and why; of internal topics only the reason."""
        rows = self.ask(
            f"SELECT topic, partition, offset, reason FROM facts.rejects FINAL WHERE generation = {self.generation}"
        )
        source = {topic: name for name, topic in self.topics.items()}
        where: Iterable[tuple[str, int, int, str]] = (
            (source[topic], partition, offset, reason) if topic in source else (topic.split(".", 2)[-1], 0, 0, reason)
            for topic, partition, offset, reason in rows
            if reason not in CAPS
        )
        return Counter(where)

    def rejected_topics_agree(self) -> bool:
        """Whether the rejected topics hold what the table says."""
        rows = self.ask(f"SELECT topic, partition, offset FROM facts.rejects WHERE generation = {self.generation}")
        table: set[Place] = {(str(topic), int(partition), int(offset)) for topic, partition, offset in rows}
        return table == self.proofs.rejected()

    def log(self) -> str:
        return "\n".join(f"-- {pod.name}\n{pod.log()}" for pod in self.pods.values())

    def close(self) -> None:
        for pod in self.pods.values():
            pod.kill()
        self.proofs.close()
        super().close()
