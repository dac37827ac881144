from __future__ import annotations

from itertools import count

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from deploy.settings import Settings, load
from deploy.topics import ensure, names
from deploy.wait import Waiter, group
from tests.support.kafka import TestBroker, produce

GENERATIONS = count(910)


@pytest.fixture
def settings(any_broker: TestBroker, request: pytest.FixtureRequest) -> Settings:
    generation = next(GENERATIONS)
    prefix = f"wait.{request.node.originalname}"
    found = load(
        kafka_bootstrap_servers=any_broker.bootstrap_servers,
        generation=generation,
        partitions=2,
        topic_web=f"{prefix}.web",
        topic_form=f"{prefix}.form",
        topic_crm=f"{prefix}.crm",
        topic_leaks=f"{prefix}.leaks",
    )
    ensure(found)
    return found


def commit(settings: Settings, topic: str, offsets: dict[int, int]) -> None:
    """As the worker would."""
    consumer = Consumer({"bootstrap.servers": settings.kafka_bootstrap_servers, "group.id": group(settings)})
    places = [TopicPartition(topic, number, offset) for number, offset in offsets.items()]
    consumer.commit(offsets=places, asynchronous=False)
    consumer.close()


def test_waits_for_every_hop_in_its_turn(settings: Settings, any_broker: TestBroker) -> None:
    topics = names(settings)
    for many in (3, 40):  # several batches: the embedded broker tells an end that is one batch too low
        produce(any_broker, topics.crm, [(b"k%d" % n, b"v") for n in range(many)])
    waiter = Waiter(settings)
    seen: list[tuple[int, int]] = []

    def work(hop: int, remaining: int) -> None:
        """Commits a hop when it is found lagging, and passes one record on to the next topic of the way."""
        seen.append((hop, remaining))
        if not remaining:
            return
        topic = [topics.crm, "", topics.identity, topics.links, topics.identity, topics.lead][hop]
        following = {topics.crm: topics.identity, topics.identity: topics.links, topics.links: topics.lead}.get(topic)
        if following:
            produce(any_broker, following, [(b"k", b"v")])
        commit(settings, topic, waiter_ends(waiter, topic))

    waiter.wait(work, deadline=60)
    waiter.close()
    assert [hop for hop, remaining in seen if remaining] == [0, 2, 3, 5]
    assert seen[0] == (0, 43)


def waiter_ends(waiter: Waiter, topic: str) -> dict[int, int]:
    return {number: end for (_, number), end in waiter._ends([topic]).items()}


def test_gives_up_after_its_deadline(settings: Settings, any_broker: TestBroker) -> None:
    produce(any_broker, names(settings).web, [(b"k", b"v")])
    waiter = Waiter(settings)
    with pytest.raises(TimeoutError, match="1 records were not worked off"):
        waiter.wait(deadline=1)
    waiter.close()


def test_markers_of_transactions_are_no_records(kafka: TestBroker) -> None:
    settings = load(
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        generation=999,
        topic_web="wait.markers.web",
        topic_form="wait.markers.form",
        topic_crm="wait.markers.crm",
    )
    ensure(settings)
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": "wait.markers"})
    producer.init_transactions()
    topic = settings.topic_crm
    for keep in (True, False):
        producer.begin_transaction()
        producer.produce(topic, b"v", b"k", partition=0)
        producer.flush()
        producer.commit_transaction() if keep else producer.abort_transaction()
    waiter = Waiter(settings)
    with pytest.raises(TimeoutError):
        waiter.wait(deadline=1)
    commit(settings, topic, {0: 1})  # what follows is a marker, an aborted record and its marker
    waiter.wait(deadline=30)
    waiter.close()
