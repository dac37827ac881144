"""The brokers of the tests themselves: what is produced comes back, with Kafka's times and partitions."""

from __future__ import annotations

import pytest

from tests.support.kafka import TestBroker, consume, create_topics, produce


def test_records_come_back(any_broker: TestBroker) -> None:
    create_topics(any_broker, "brokers.there-and-back")
    produce(any_broker, "brokers.there-and-back", [(b"k%d" % n, b"v%d" % n) for n in range(100)])
    found = consume(any_broker, "brokers.there-and-back")
    assert sorted(message.value() or b"" for message in found) == sorted(b"v%d" % n for n in range(100))
    assert {message.partition() for message in found} == {0, 1, 2}


@pytest.mark.slow
def test_apache_kafka_survives_a_kill(kafka: TestBroker) -> None:
    create_topics(kafka, "brokers.killed", partitions=1)
    produce(kafka, "brokers.killed", [(b"k", b"v")])
    if kafka.server is not None:
        kafka.server.kill()
        kafka.server.start()
    assert [message.value() for message in consume(kafka, "brokers.killed")] == [b"v"]
