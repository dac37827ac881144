"""A generation with workers of its own, and whether two of them say the same."""

from __future__ import annotations

import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from confluent_kafka import ConsumerGroupState, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from deploy import topics
from deploy.settings import load
from deploy.wait import Waiter, group
from sinks.checksum import checksum
from sinks.tables import TABLES, Table
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company
from tests.support.kafka import TestBroker, patiently, produce

KILLED = -9
QUIET_WITHIN = 300.0  # seconds
SHOWN = 3  # differing rows of a table

# The key of a reject is where the record lay in Kafka, which is what differs between the runs: see `refused`.
BY_ORIGIN = {"rejects"}
# How often a cap refuses depends on what it had taken before; what is kept in the end does not.
CAPS = {"too_many_sessions"}


class Sent(NamedTuple):
    topic: str  # web, form or crm
    key: bytes | None
    value: bytes | None
    is_good: bool


class Run(Company):
    """A generation with a number of partitions of its own and any number of workers."""

    def __init__(self, broker: TestBroker, clickhouse: LocalClickHouse, folder: Path, partitions: int) -> None:
        self.workers: list[subprocess.Popen[bytes]] = []
        self._partitions = partitions
        folder.mkdir()
        super().__init__(broker, clickhouse, folder)
        self._settings = load(
            kafka_bootstrap_servers=broker.bootstrap_servers,
            generation=self.generation,
            partitions=partitions,
            topic_web=self.topics["web"],
            topic_form=self.topics["form"],
            topic_crm=self.topics["crm"],
            topic_leaks=self.leaks,
        )
        self._admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers})

    def _env(self) -> dict[str, str]:
        own = {"FUNNELWATCH_PARTITIONS": str(self._partitions)}
        return {**super()._env(), **own, "FUNNELWATCH_DATA_DIR": str(self.folder / f"data{len(self.workers)}")}

    def join(self) -> None:
        """One more worker; returns when the partitions are dealt out among all of them."""
        self.workers.append(self.spawn("worker"))
        self.wait(lambda: self._members() == len(self.workers), f"a group of {len(self.workers)} workers")

    def send(self, events: Iterable[Sent]) -> None:
        by_topic = defaultdict(list)
        for event in events:
            by_topic[event.topic].append((event.key, event.value))
        for name, records in by_topic.items():
            produce(self.broker, self.topics[name], records)

    def go_on(self) -> None:
        """Returns when it has written something more."""
        before = self._visits()
        self.wait(lambda: self._visits() > before, "more visits")

    def wait_for_quiet(self) -> None:
        """Returns when all is worked off and, while that was looked at, nothing was written."""
        before, after = None, self._ends()
        with closing(Waiter(self._settings)) as waiter:
            while before != after:
                try:
                    waiter.wait(check=self._check, deadline=QUIET_WITHIN)
                except TimeoutError as error:
                    pytest.fail(f"{error}\n{self.log()}")
                before, after = after, self._ends()

    def sums(self) -> dict[str, tuple[int, int]]:
        client = self.clickhouse.client()
        found = checksum(client, self.generation)
        client.close()
        return {name: found[name] for name in found if name not in BY_ORIGIN}

    def refused(self) -> Counter[tuple[str, str]]:
        """How many records of which source for which reason."""
        rows = self.ask(f"SELECT topic, reason FROM facts.rejects FINAL WHERE generation = {self.generation}")
        source = {topic: name for name, topic in self.topics.items()}
        return Counter((source.get(topic, "internal"), reason) for topic, reason in rows if reason not in CAPS)

    def sent_on(self) -> int:
        """Records that lay in another partition than their key's."""
        names = topics.names(self._settings)
        again = {names.rekey_devices, names.rekey_records}
        return sum(end for where, end in self._ends().items() if where.topic in again)

    def count(self, what: str) -> int:
        return int(self.ask(f"SELECT count() FROM {what.format(mine=f'generation = {self.generation}')}")[0][0])

    def stop(self) -> None:
        for worker in self.workers:
            worker.terminate()
        assert {worker.wait(60) for worker in self.workers} <= {0, KILLED}, self.log()

    def _visits(self) -> int:
        self._check()
        return self.count("facts.visits WHERE {mine}")

    def _check(self) -> None:
        for worker in self.workers:
            if worker.poll() not in (None, KILLED):
                pytest.fail(f"a worker ended with {worker.returncode}\n{self.log()}")

    def _members(self) -> int:
        """Of the consumer group, once they have agreed; 0 before."""
        self._check()
        name = group(self._settings)
        try:
            found = self._admin.describe_consumer_groups([name])[name].result(10)
        except KafkaException:  # nobody coordinates it yet
            return 0
        return len(found.members) if found.state == ConsumerGroupState.STABLE else 0

    def _ends(self) -> dict[TopicPartition, int]:
        end = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        wanted = [one for one in topics.wanted(self._settings) if one.name != self.leaks]  # said by the clock
        asked = {TopicPartition(each.name, number): end for each in wanted for number in range(each.partitions)}

        def ask() -> dict[TopicPartition, int]:
            try:
                return {where: future.result(10).offset for where, future in self._admin.list_offsets(asked).items()}
            except KafkaException:  # a client that knew the broker before its restart never learns of its new epoch
                self._admin = AdminClient({"bootstrap.servers": self.broker.bootstrap_servers})
                raise

        return patiently(ask)


class Difference(NamedTuple):
    """What a run says otherwise than another in one table: rows by key, and the first of them for people."""

    table: str
    missing: int
    more: int
    otherwise: int
    text: str


def assert_same(name: str, one: Run, other_name: str, other: Run) -> None:
    found = differences(one, other)
    assert not found, f"- {name}\n+ {other_name}\n\n" + "\n\n".join(each.text for each in found)
    assert one.refused() == other.refused()


def differences(one: Run, other: Run) -> list[Difference]:
    """By table; `missing` are rows of `one` that `other` does not have. Rejects stand apart: see `Run.refused`."""
    sums, other_sums = one.sums(), other.sums()
    tables = [table for table in sums if sums[table] != other_sums[table]]
    tables.sort(key=lambda table: not table.startswith("identit"))  # the rest follows from who is who
    return [_different(TABLES[table], one, other) for table in tables]


def _different(table: Table, one: Run, other: Run) -> Difference:
    keys, columns = [c.name for c in table.key], [c.name for c in (*table.key, *table.values)]
    key, content = f"({', '.join(keys)})", f"({', '.join(columns)})"
    both = f"{table.full_name} FINAL WHERE generation IN ({one.generation}, {other.generation})"
    differing = (
        f"SELECT {key} AS key, countIf(generation = {one.generation}) AS mine, count() - mine AS theirs FROM {both}"
        f" GROUP BY key HAVING uniqExact(toString({content})) != 1 OR mine != 1 OR theirs != 1"
    )
    missing, more, otherwise = one.ask(
        f"SELECT countIf(theirs = 0), countIf(mine = 0 OR theirs > 1), countIf(mine > 0 AND theirs = 1)"
        f" FROM ({differing})"
    )[0]
    first = f"SELECT key FROM ({differing}) ORDER BY key LIMIT {SHOWN}"
    sides: dict[tuple[Any, ...], dict[int, Sequence[Any]]] = defaultdict(dict)
    for generation, *values in one.ask(f"SELECT generation, {', '.join(columns)} FROM {both} AND {key} IN ({first})"):
        sides[tuple(values[: len(keys)])][generation] = values
    lines = [f"{table.full_name}: {missing + more + otherwise} rows differ"]
    for where, found in sides.items():
        named = ", ".join(f"{name}={value}" for name, value in zip(keys, where, strict=True))
        was, now = found.get(one.generation), found.get(other.generation)
        if was is None or now is None:
            row = zip(columns[len(keys) :], (was or now or ())[len(keys) :], strict=True)
            said = ", ".join(f"{name}={value}" for name, value in row if value not in ("", 0, None))
            lines.append(f"  {'-' if was else '+'} {named}: {said}")
        else:
            lines.append(f"    {named}")
            for name, before, after in zip(columns, was, now, strict=True):
                lines += [f"  - {name}={before}", f"  + {name}={after}"] if before != after else []
    return Difference(table.name, int(missing), int(more), int(otherwise), "\n".join(lines))
