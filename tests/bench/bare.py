"""The ceiling: the steps in one bare confluent-kafka loop over the same topics, states in dicts, nothing guaranteed.

As a good engineer does it in an afternoon: whole batches from librdkafka, columns to ClickHouse in a thread.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor

from confluent_kafka import Consumer, KafkaException, Producer

from sinks.writer import Batch
from tests.bench.domain import Loop, Raw, domain

MESSAGES, WAIT_SECONDS = 5_000, 0.02
ROWS, WRITE_SECONDS = 20_000, 0.25  # written when there are so many, or after so long


def main() -> None:
    made = domain()
    loop, writer = Loop(made), made.writer()
    servers = {"bootstrap.servers": str(made.settings.kafka_bootstrap_servers)}
    producer = Producer(
        {**servers, "partitioner": "murmur2_random", "linger.ms": 5, "queue.buffering.max.messages": 1_000_000}
    )
    group = {"group.id": f"bare-g{made.settings.generation}", "auto.offset.reset": "earliest"}
    consumer = Consumer({**servers, **group, "enable.auto.commit": True})
    consumer.subscribe([topic for step in made.steps for topic in step.reads])
    insert: Future[None] | None = None
    wrote = time.monotonic()
    with ThreadPoolExecutor(1) as inserts:
        while True:
            for message in consumer.consume(MESSAGES, WAIT_SECONDS):
                if (error := message.error()) is not None:
                    raise KafkaException(error)
                raw = Raw(
                    message.topic(),  # type: ignore[arg-type]
                    message.partition(),  # type: ignore[arg-type]
                    message.offset(),  # type: ignore[arg-type]
                    message.timestamp()[1],
                    message.key(),
                    message.value(),
                )
                for topic, key, value in loop.take(raw):
                    producer.produce(topic, value, key)
            producer.poll(0)
            now = time.monotonic()
            due = len(loop.batch) >= ROWS or (now - wrote > WRITE_SECONDS and len(loop.batch))
            if due and (insert is None or insert.done() or len(loop.batch) > 2 * ROWS):
                if insert is not None:
                    insert.result()
                insert, wrote = inserts.submit(writer.write, loop.batch), now
                loop.batch = Batch()


if __name__ == "__main__":
    main()
