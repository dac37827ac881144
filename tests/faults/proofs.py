"""That nothing was committed before all that depends on it is safe, seen from outside after a worker has died.

Every mark below a committed offset must stand in what its hop makes of it, in ClickHouse, in the next topic or in the
changelog, and every poisoned record in the rejects. Nobody works while that is looked at, so what is found was there
when the worker died; only the broker may still be ending a transaction.
"""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from schemas.codec import Codec
from sinks.client import Client
from streams.topics import Topics
from tests.support.kafka import patiently

Place = tuple[str, int, int]  # topic, partition, offset

_MARK = re.compile(rb"mark-(?:web|form|crm)-\d{3}-\d{6}")
_STEPS = ("sessionize", "route", "identify", "resolve", "journey")
_SETTLED_WITHIN = 20.0  # seconds: transactions that the dead worker had ended
_ANSWER = 20.0
_BATCH, _MOMENT = 1_000, 0.1  # `consume` waits for as many, or for as long


class Proofs:
    """`marks` and `poison`: where they were put, as Kafka acknowledged them."""

    def __init__(
        self,
        bootstrap_servers: str,
        group: str,
        topics: Topics,
        partitions: int,
        client: Callable[[], Client],
        registry_url: str | None,
    ) -> None:
        self.marks: dict[Place, str] = {}
        self.poison: set[Place] = set()
        self._servers = bootstrap_servers
        self._topics = topics
        self._lanes = partitions  # of each step
        self._group = group
        self._client = client
        self._codec = Codec(registry_url)
        config = {
            "bootstrap.servers": bootstrap_servers,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 20,
        }
        # one that reads committed records only waits, at committed offsets, for the end of open transactions
        self._offsets = Consumer({**config, "group.id": group, "isolation.level": "read_uncommitted"})
        self._reader = Consumer({**config, "group.id": f"{group}-proofs"})
        self._next: dict[tuple[str, int], int] = {}
        self._told: dict[str, dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))  # by topic and mark
        self._rejected: Counter[Place] = Counter()
        self._proved: set[Place] = set()

    def close(self) -> None:
        self._offsets.close()
        self._reader.close()

    def failures(self) -> list[str]:
        """Committed, and not proved to be safe; empty when all is well. No worker may run."""
        committed = self._committed()
        beyond = self._beyond(committed)
        self._end_transactions()
        end = time.monotonic() + _SETTLED_WITHIN
        while True:
            self._read_on()
            found = self._unsafe(committed)
            if not found or time.monotonic() > end:
                return [*beyond, *found]
            time.sleep(0.2)

    def _end_transactions(self) -> None:
        """As the next worker would do it: what a dead one has left open hides what others have committed behind it."""

        def end(lane: str) -> None:
            own = {"bootstrap.servers": self._servers, "transactional.id": f"{self._group}-{lane}", "log_level": 3}
            Producer(own).init_transactions(_SETTLED_WITHIN)

        lanes = [f"{step}-{number}" for step in _STEPS for number in range(self._lanes)]
        with ThreadPoolExecutor(len(lanes)) as pool:
            list(pool.map(end, lanes))

    def left_undone(self) -> list[str]:
        """What a worker that stopped in order has begun and not committed."""
        committed, (visits, _, rejects) = self._committed(), self._rows()
        failed = [
            f"of {mark} there is a row, and {place[0]}[{place[1]}]@{place[2]} is not committed"
            for place, mark in self.marks.items()
            if place[0] == self._topics.web and mark in visits and not _is_below(place, committed)
        ]
        failed += [
            f"{place[0]}[{place[1]}]@{place[2]} is refused and not committed"
            for place in rejects
            if not _is_below(place, committed)
        ]
        for topic, partition in self._partitions(self._written()):
            where = TopicPartition(topic, partition)
            _, stable = self._reader.get_watermark_offsets(where, timeout=_ANSWER)
            _, end = self._offsets.get_watermark_offsets(where, timeout=_ANSWER)
            if stable != end:
                failed.append(f"{topic}[{partition}] has an open transaction")
        return failed

    def doubled_rejects(self) -> int:
        """Records that stand in a rejected topic more than once."""
        self._read_on()
        return sum(1 for times in self._rejected.values() if times > 1)

    def rejected(self) -> set[Place]:
        return set(self._rejected)

    def _unsafe(self, committed: dict[tuple[str, int], int]) -> list[str]:
        visits, events, rejects = self._rows()
        topics, state = self._topics, f"{self._group}-{{}}-changelog"
        devices, nodes = self._told[state.format("sessionize")], self._told[state.format("identify")]
        said, leads, journeys = (
            self._told[topics.identity],
            self._told[topics.lead],
            self._told[state.format("journey")],
        )

        def safe(place: Place, mark: str) -> bool:
            if place[0] == topics.web:
                return mark in visits and mark in devices
            if place[0] == topics.form:
                return mark in said and mark in devices
            if place[0] == topics.crm:
                return mark in said
            if place[0] == topics.identity:
                return mark in leads or mark in nodes
            return mark in events and mark in journeys

        places = dict(self.marks)
        for found in (said, leads):
            places |= {place: mark for mark, those in found.items() for place in those}
        failed = []
        for place, mark in places.items():
            if place not in self._proved and _is_below(place, committed):
                if safe(place, mark):
                    self._proved.add(place)
                else:
                    failed.append(f"{place[0]}[{place[1]}]@{place[2]} is committed, and of {mark} nothing is safe")
        for place in self.poison - self._proved:
            if _is_below(place, committed):
                if place in rejects and place in self._rejected:
                    self._proved.add(place)
                else:
                    failed.append(f"{place[0]}[{place[1]}]@{place[2]} is committed, and its reject stands nowhere")
        return failed

    def _rows(self) -> tuple[set[str], set[str], set[Place]]:
        client, own = self._client(), {"g": self._topics.generation}
        visits = "SELECT DISTINCT device FROM facts.visits WHERE generation = {g:UInt32} AND device LIKE 'mark-%'"
        events = "SELECT DISTINCT event_id FROM facts.lead_events WHERE generation = {g:UInt32}"
        rejects = "SELECT topic, partition, offset FROM facts.rejects WHERE generation = {g:UInt32}"
        try:
            return (
                {row[0] for row in client.query(visits, own).result_rows},
                {row[0] for row in client.query(f"{events} AND event_id LIKE 'mark-%'", own).result_rows},
                {(str(topic), int(part), int(at)) for topic, part, at in client.query(rejects, own).result_rows},
            )
        finally:
            client.close()

    def committed(self, asked: list[TopicPartition]) -> list[TopicPartition]:
        """What the group has committed of these."""
        return patiently(lambda: self._offsets.committed(asked, timeout=_ANSWER))

    def _committed(self) -> dict[tuple[str, int], int]:
        asked = [TopicPartition(*where) for where in self._partitions((*self._topics.sources, *self._topics.internal))]
        found = self.committed(asked)
        return {(one.topic, one.partition): one.offset for one in found if one.offset > 0}

    def _beyond(self, committed: dict[tuple[str, int], int]) -> list[str]:
        """Committed offsets that no log has."""
        failed = []
        for (topic, partition), offset in committed.items():
            _, end = self._offsets.get_watermark_offsets(TopicPartition(topic, partition), timeout=_ANSWER)
            if offset > end:
                failed.append(f"{topic}[{partition}]: committed is {offset}, and the log ends at {end}")
        return failed

    def _partitions(self, topics: Iterable[str]) -> list[tuple[str, int]]:
        known = self._offsets.list_topics(timeout=_ANSWER).topics
        return [(topic, number) for topic in topics if topic in known for number in known[topic].partitions]

    def _read_on(self) -> None:
        """All that is committed in topics between steps, changelogs and rejected topics, each record once."""
        where = self._partitions(self._written())
        self._reader.assign([TopicPartition(*each, self._next.get(each, 0)) for each in where])
        left, end = set(where), time.monotonic() + _ANSWER
        while left:
            assert time.monotonic() < end, f"no answer of {sorted(left)} within {_ANSWER:g} s"
            for message in self._reader.consume(_BATCH, timeout=_MOMENT):
                end = time.monotonic() + _ANSWER
                at = (message.topic() or "", message.partition() or 0)
                error = message.error()
                if error is None:
                    self._next[at] = (message.offset() or 0) + 1
                    self._take(message, *at)
                elif error.code() == KafkaError._PARTITION_EOF:
                    left.discard(at)
        self._reader.unassign()

    def _written(self) -> list[str]:
        """Topics that steps write for other steps, for themselves and for people."""
        topics = self._topics
        logs = [f"{self._group}-{step}-changelog" for step in ("sessionize", "identify", "journey")]
        rejected = sorted({topics.rejected(topic) for topic in (*topics.sources, topics.identity)})
        return [topics.identity, topics.lead, *logs, *rejected]

    def _take(self, message: Message, topic: str, partition: int) -> None:
        value = message.value() or b""
        if topic.endswith(".rejected"):
            refused = self._codec.decode("internal/rejected", value)
            self._rejected[refused["topic"], refused["partition"], refused["offset"]] += 1
            return
        marks = set(_MARK.findall(value)) | set(_MARK.findall(message.key() or b""))
        for mark in marks:
            self._told[topic][mark.decode()].append((topic, partition, message.offset() or 0))


def _is_below(place: Place, committed: dict[tuple[str, int], int]) -> bool:
    return place[2] < committed.get(place[:2], 0)
