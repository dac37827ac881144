"""The ceiling: the same steps in one bare confluent-kafka loop, states in dicts, nothing guaranteed."""

from __future__ import annotations

import time
from typing import Any

from confluent_kafka import Consumer, Producer

from deploy.settings import load
from deploy.worker import codec_of, worker_config
from sinks.client import connect
from sinks.writer import Batch, Writer
from streams.definition.load import load_definition
from streams.flow import flow
from streams.model import Reject, Row, Send
from streams.worker.partitions import Partitions
from tests.support.in_memory import Raw

POLL = 5_000
WRITE_EVERY = 20_000


def main() -> None:
    settings = load()
    config, codec = worker_config(settings), codec_of(settings)
    definition = load_definition(settings.definition)
    steps = flow(config.topics, Partitions(config.partitions).of, codec, definition, config.email_key)
    schemas = {"identity": "internal/identity", "links": "internal/links", "lead": "internal/lead"}
    topics = {"identity": config.topics.identity, "links": config.topics.links, "lead": config.topics.lead}
    machines: dict[str, Any] = {step.name: step.machine() for step in steps}
    by_topic = {topic: step for step in steps for topic in step.reads}
    states: dict[tuple[str, str], Any] = {}
    writer = Writer(connect(str(settings.clickhouse_url)), settings.generation)
    producer = Producer(
        {
            "bootstrap.servers": config.bootstrap_servers,
            "partitioner": "murmur2_random",
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    consumer = Consumer(
        {
            "bootstrap.servers": config.bootstrap_servers,
            "group.id": config.app_id,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": True,
        }
    )
    consumer.subscribe(list(by_topic))
    batch, wrote = Batch(), time.monotonic()
    while True:
        for message in consumer.consume(POLL, 0.05):
            raw = Raw(
                str(message.topic()),
                message.partition() or 0,
                message.offset() or 0,
                message.timestamp()[1],
                message.key(),
                message.value(),
            )
            step = by_topic[raw.topic]
            read = step.read(raw)
            if read.message is None:
                continue
            machine = machines[step.name]
            if step.state is None:
                effects = machine.apply(raw.offset, read.message)
            else:
                where = (step.name, read.key or "")
                state = states.get(where) if read.key else None
                if state is None:
                    state = machine.fresh(read.key or "")
                    if read.key:
                        states[where] = state
                effects = machine.apply(state, raw.offset, read.message)
            for effect in effects:
                if isinstance(effect, Row):
                    revision = raw.offset if effect.revision is None else effect.revision
                    batch.add(effect.table, effect.key, effect.values, revision, read.source_at)
                elif isinstance(effect, Send):
                    value = codec.encode(schemas[effect.topic], effect.message)
                    producer.produce(topics[effect.topic], value, effect.key.encode())
                else:
                    assert isinstance(effect, Reject)
        producer.poll(0)
        if len(batch) >= WRITE_EVERY or (len(batch) and time.monotonic() - wrote > 0.5):
            writer.write(batch)
            batch, wrote = Batch(), time.monotonic()


if __name__ == "__main__":
    main()
