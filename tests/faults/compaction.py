"""A flush that was aborted after its changelog was written, and a changelog that is compacted afterwards."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from tests.faults.cases import Size
from tests.faults.deployment import PARTITIONS, Deployment

_STATEFUL = ("sessionize", "route", "identify", "journey")
_COMPACTED_WITHIN = 120.0
_ANSWER = 30.0
_NONSENSE = b"\xefof an aborted flush"
_SOON = {
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "1000",
    "delete.retention.ms": "100",
}
_OFTEN = {"log.cleaner.backoff.ms": "1000"}


def compaction(on: Deployment, size: Size) -> None:
    """Aborted, recovered, committed, compacted, recovered again from what is left, and worked on."""
    on.up()
    on.feed(0.3)
    on.commits()
    on.down()
    for step in _STATEFUL:
        on.feed(0.03)
        on.dies_at(f"{step}:sent:2", 0.05)
        _abort(on)
        on.pods["a"].forget()  # so the next one recovers from the changelog as it is
    on.up()
    on.feed(0.05)
    on.commits()
    _compact(on)
    on.down()
    on.pods["a"].forget()
    on.up()


def _abort(on: Deployment) -> None:
    """A flush that is wrong in all that it writes, and aborted: whoever reads what is not committed is led astray."""
    producer = Producer({"bootstrap.servers": on.broker.bootstrap_servers, "transactional.id": f"{on.group}-aborted"})
    producer.init_transactions(_ANSWER)
    producer.begin_transaction()
    for topic in on.names.internal:
        producer.produce(topic, _NONSENSE, b"nobody", partition=0)
    for step in _STATEFUL:
        topic = f"{on.group}-{step}-changelog"
        for partition, key in {(message.partition() or 0, message.key()) for message in _records(on, topic)}:
            producer.produce(topic, _NONSENSE, key, partition=partition)
    assert producer.flush(_ANSWER) == 0
    producer.abort_transaction(_ANSWER)
    on.happened += 1


def _compact(on: Deployment) -> None:
    """Returns when the log cleaner has taken away records of each changelog that says something twice."""
    admin = AdminClient({"bootstrap.servers": on.broker.bootstrap_servers})
    topics = [f"{on.group}-{step}-changelog" for step in _STATEFUL]
    told = {topic: _told(on, topic) for topic in topics}
    before = {topic: places for topic, (places, keys) in told.items() if len(places) > 1.2 * keys}
    assert len(before) >= 2, {topic: (len(places), keys) for topic, (places, keys) in told.items()}
    _configure(admin, ResourceType.BROKER, ["1"], _OFTEN)
    _configure(admin, ResourceType.TOPIC, topics, _SOON)
    asked = 0.0

    def compacted() -> bool:
        nonlocal asked
        if time.monotonic() - asked < 2:
            return False
        on.feed(0.005)  # a segment is closed only by what comes after it
        asked = time.monotonic()
        return not any(before[topic] <= _told(on, topic)[0] for topic in before)

    on.until(compacted, "records compacted away", _COMPACTED_WITHIN)
    on.happened += 1


def _configure(admin: AdminClient, kind: ResourceType, names: list[str], config: dict[str, str]) -> None:
    entries = [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in config.items()]
    resources = [ConfigResource(kind, name, incremental_configs=entries) for name in names]
    for future in admin.incremental_alter_configs(resources).values():
        future.result(30)


def _told(on: Deployment, topic: str) -> tuple[set[tuple[int, int]], int]:
    """Where its records stand, and how many keys they have."""
    records = _records(on, topic)
    places = {(message.partition() or 0, message.offset() or 0) for message in records}
    return places, len({message.key() for message in records})


def _records(on: Deployment, topic: str) -> list[Message]:
    """That anybody can still read, of aborted flushes, too."""
    consumer = Consumer(
        {
            "bootstrap.servers": on.broker.bootstrap_servers,
            "group.id": "compaction",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_uncommitted",
        }
    )
    try:
        consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
        ends, found = 0, list[Message]()
        while ends < PARTITIONS:
            for message in consumer.consume(1_000, timeout=0.1):
                error = message.error()
                if error is None:
                    found.append(message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    ends += 1
        return found
    finally:
        consumer.close()
