"""Brokers for tests.

`kafka` (one per session): KAFKA_BOOTSTRAP_SERVERS, else Apache Kafka if Java and Maven are there, else a loud skip.
`embedded_broker` (one per test): the broker of `funnelwatch up`. `any_broker`: the test runs on both.
Topics outlive a test on `kafka`: give yours names (generations) of their own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.broker import Broker
from deploy.topics import wait_for
from tests.support.apache_kafka import ApacheKafka, java_and_maven
from tests.support.skips import lacking

T = TypeVar("T")
GIVEN = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")  # before any test clears its environment


@dataclass(frozen=True)
class TestBroker:
    """A broker that runs. `server` can be stopped, killed and started again; None for one that was given."""

    __test__ = False

    bootstrap_servers: str
    transactions: bool  # and idempotent producers
    server: ApacheKafka | None = None


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestBroker]:
    if GIVEN:
        yield TestBroker(GIVEN, transactions=True)
        return
    if not java_and_maven():
        lacking("Apache Kafka: set KAFKA_BOOTSTRAP_SERVERS, or install java and mvn")
    server = ApacheKafka(tmp_path_factory.mktemp("kafka"))
    yield TestBroker(server.bootstrap_servers, transactions=True, server=server)
    server.kill()


@pytest.fixture
def embedded_broker(tmp_path: Path) -> Iterator[TestBroker]:
    broker = Broker(tmp_path / "broker.log")
    yield TestBroker(broker.bootstrap_servers, transactions=False)
    broker.stop()


@pytest.fixture(params=["embedded", "kafka"])
def any_broker(request: pytest.FixtureRequest) -> TestBroker:
    broker = request.getfixturevalue("kafka" if request.param == "kafka" else "embedded_broker")
    assert isinstance(broker, TestBroker)
    return broker


def patiently(ask: Callable[[], T]) -> T:
    """What `ask` returns; a broker that has just come back says for a while that it is not ready."""
    end = time.monotonic() + 20
    while True:
        try:
            return ask()
        except KafkaException:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def create_topics(broker: TestBroker, *names: str, partitions: int = 3, replicas: int = 1, **config: str) -> None:
    """Creates those that are not there; `config` with underscores for dots, e.g. cleanup_policy."""
    settings = {name.replace("_", "."): value for name, value in config.items()}
    admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
    for future in admin.create_topics(
        [NewTopic(name, partitions, replicas, config=settings) for name in names]
    ).values():
        try:
            future.result(30)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
    wait_for(admin, set(names))


def produce(broker: TestBroker, topic: str, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
    """Key and value of each record, partitioned by murmur2 as ours are; returns when all are acknowledged."""
    failed: list[KafkaError] = []

    def report(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failed.append(error)

    producer = Producer(
        {"bootstrap.servers": broker.bootstrap_servers, "partitioner": "murmur2_random", "linger.ms": 5}
    )
    for key, value in records:
        while True:
            with suppress(BufferError):
                producer.produce(topic, value, key, on_delivery=report)
                break
            producer.poll(0.1)
    assert producer.flush(60) == 0, f"{topic} did not take all records within 60 s"
    assert not failed, failed[0]


def consume(broker: TestBroker, topic: str) -> list[Message]:
    """All committed records that stand in the topic now, partition by partition."""
    consumer = Consumer(
        {
            "bootstrap.servers": broker.bootstrap_servers,
            "group.id": "tests",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
        }
    )
    try:
        known = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in known])
        found: list[Message] = []
        at_end: set[int | None] = set()
        while len(at_end) < len(known):
            message = consumer.poll(10)
            assert message is not None, f"{topic}: no answer within 10 s"
            if (error := message.error()) is None:
                found.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                at_end.add(message.partition())
            else:
                raise KafkaException(error)
        return sorted(found, key=lambda one: (one.partition() or 0, one.offset() or 0))
    finally:
        consumer.close()
