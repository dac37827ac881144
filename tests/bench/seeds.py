"""A company whose changelogs hold so many leads, as if a worker had met them all; its topics hold none of their events.

Made once for each broker and size in a process, so that one benchmark goes on with what another has recovered.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition

from schemas.codec import Codec
from streams.model import DAY
from streams.topics import Topics
from tests.bench.people import BEGAN, Event, Names, People, form, names
from tests.bench.pinned import Kafka, Pinned, both_cores, worker
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company
from tests.support.kafka import TestBroker, produce

TABLES = ("sessionize", "route", "identify", "journey")
LATER = BEGAN + 100 * DAY  # than all that the stored states tell of
DEADLINE = 600.0
_NOBODY_YET = 80_000_000  # from this number on nobody has a state
_CHUNKS, _IN_ONE_PROCESS = 20, 5_000


@dataclass
class Seeded:
    """leads: numbers 0 to leads - 1. records: in all changelogs. strangers: people with no state, each once."""

    company: Company
    leads: int
    records: int = 0
    links: int = 0
    strangers: Iterator[Names] = field(default_factory=lambda: map(names, range(_NOBODY_YET, 90_000_000)))

    @property
    def app_id(self) -> str:
        return f"funnelwatch-g{self.company.generation}"

    @property
    def topics(self) -> Topics:
        return Topics(**self.company.topics, generation=self.company.generation)

    def changelog(self, table: str) -> str:
        return f"{self.app_id}-{table}-changelog"

    def forget_store(self) -> None:
        shutil.rmtree(self.company.folder / "data")


@cache
def people() -> People:
    return People()


_made: dict[tuple[str, int], Seeded] = {}


def seeded(kafka: Kafka, clickhouse: LocalClickHouse, folder: Path, leads: int, exact: Iterable[int] = ()) -> Seeded:
    """exact: numbers of those whose next event shall say only what is new, as it does of a lead that was lived."""
    known = _made.get((kafka.bootstrap_servers, leads))
    if known is not None:
        _go_live(known.company)
        return known
    own = folder / f"leads-{leads}"
    own.mkdir()
    company = Company(TestBroker(kafka.bootstrap_servers, True), clickhouse, own)
    company.environment["FUNNELWATCH_SESSION_TIMEOUT"] = "30s"  # no rebalance because others keep the machine busy
    made = Seeded(company, leads)
    with worker(company) as running:  # makes its changelogs
        stranger = next(made.strangers)
        send(company, [form(stranger, "first", LATER, "first")])
        first = f"SELECT count() FROM boards.leads WHERE lead_id = '{stranger.lead}'"
        until(running, company, "the first event", first, 1)
    with both_cores():
        _fill(made, set(exact))
    _made[kafka.bootstrap_servers, leads] = made
    return made


def _go_live(company: Company) -> None:
    """The boards show one generation, and another was made since."""
    client = company.clickhouse.client()
    try:
        client.command(f"INSERT INTO facts.live (generation) VALUES ({company.generation})")
    finally:
        client.close()


def send(company: Company, events: Iterable[Event]) -> None:
    """Into the company's topics; returns when all are acknowledged."""
    codec = Codec(None)
    events = list(events)
    for kind, topic in company.topics.items():
        produce(
            company.broker,
            topic,
            [(key, codec.encode(f"events/{kind}", record)) for of, key, record in events if of == kind],
        )


def until(running: Pinned, company: Company, what: str, sql: str, wanted: int) -> float:
    """Seconds from the start of the process until the boards' answer to `sql`, a number, is the wanted one."""
    deadline = time.monotonic() + DEADLINE
    while True:
        ((found,),) = company.query(sql)
        if found == wanted:
            return running.seconds()
        running.check()
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: {found} of {wanted} after {DEADLINE:g} s\n{running.log()}")
        time.sleep(0.1)


def _fill(made: Seeded, exact: set[int]) -> None:
    topics = {table: made.changelog(table) for table in TABLES} | {"": made.topics.links}
    size = made.leads // _CHUNKS + 1
    chunks = [range(start, min(start + size, made.leads)) for start in range(0, made.leads, size)]
    produce_them = partial(_produce, made.company.broker.bootstrap_servers, topics)
    with ExitStack() as stack:
        run: Callable[..., Iterable[tuple[int, int]]] = map
        if made.leads > _IN_ONE_PROCESS:
            run = stack.enter_context(ProcessPoolExecutor(2, mp_context=get_context("spawn"))).map
        for records, links in run(produce_them, chunks, [exact.intersection(chunk) for chunk in chunks]):
            made.records += records
            made.links += links
    _commit_end(made.company.broker.bootstrap_servers, made.app_id, made.topics.links)


def _produce(servers: str, topics: dict[str, str], numbers: range, exact: set[int]) -> tuple[int, int]:
    producer = Producer(
        {
            "bootstrap.servers": servers,
            "partitioner": "murmur2_random",
            "linger.ms": 50,
            "batch.size": 900_000,
            "queue.buffering.max.messages": 500_000,
        }
    )
    records = links = 0
    for number in numbers:
        for table, key, value in people().stored(number, exact=number in exact):
            while True:
                with suppress(BufferError):
                    producer.produce(topics[table], value, key or None)
                    break
                producer.poll(0.1)
            records += bool(table)
            links += not table
        producer.poll(0)
    assert producer.flush(120) == 0, "the broker did not take all states within 120 s"
    return records, links


def _commit_end(servers: str, group: str, topic: str) -> None:
    """These links are known: their conclusions are part of the states. The group must have no member."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": group, "enable.auto.commit": False})
    try:
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=30)
        consumer.commit(offsets=[TopicPartition(topic, 0, end)], asynchronous=False)
    finally:
        consumer.close()
