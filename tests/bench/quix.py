"""The same steps on Quix Streams, by its documentation: each hop a StreamingDataFrame with its state in RocksDB and a
changelog, at least once (its default), a sink that writes when a checkpoint is committed, everything as bytes.

It runs on its own packages (tests/bench/requirements.txt). Two things are in its favour: the re-key topics, in which
nothing lies here, are left out, and so is its alignment of concatenated topics by time, which our steps do not need and
which waits for company here: with it, it does 70 events a second.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

from quixstreams import Application, State, message_context
from quixstreams.models import SerializationContext, Serializer
from quixstreams.sinks import BaseSink

from sinks.writer import Batch, Writer
from streams.model import Row, Send
from streams.step import Read, Step
from tests.bench.domain import SCHEMAS, Domain, Raw, domain, put

COMMIT_SECONDS = 1.0  # its default is 5, which no board would want to wait for
POLL_SECONDS = 0.1  # its default is 1, by which it would be late with the last commit
Done = tuple[Row | Send, int, Read]


class Facts(BaseSink):  # type: ignore[misc]
    """All rows of a checkpoint in one batch."""

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self._writer, self._batch = writer, Batch()

    def add(self, value: Done, key: Any, timestamp: int, headers: Any, topic: str, partition: int, offset: int) -> None:
        row, at, read = value
        assert isinstance(row, Row)
        put(self._batch, row, at, read)

    def flush(self) -> None:
        batch, self._batch = self._batch, Batch()
        self._writer.write(batch)


class Avro(Serializer):  # type: ignore[misc]
    """What a step says to another."""

    def __init__(self, made: Domain, schema: str) -> None:
        self._codec, self._schema = made.codec, schema

    def __call__(self, value: Done, ctx: SerializationContext) -> bytes:
        send, _, _ = value
        assert isinstance(send, Send)
        return self._codec.encode(self._schema, send.message)


def runner(made: Domain, step: Step) -> Callable[..., list[Done]]:
    """What a data frame applies to each record."""
    machine: Any = step.machine()
    decode, encode, schema = made.codec.decode, made.codec.encode, step.state

    def understood(value: bytes, key: bytes, timestamp: int) -> tuple[int, Read]:
        context = message_context()
        read = step.read(Raw(context.topic, context.partition, context.offset, timestamp, key, value))
        if read.message is None:
            raise AssertionError(f"{context.topic}: {read.instead}")
        return context.offset, read

    def fold(value: bytes, key: bytes, timestamp: int, headers: Any) -> list[Done]:
        offset, read = understood(value, key, timestamp)
        return [(effect, offset, read) for effect in machine.apply(offset, read.message)]

    def keyed(value: bytes, key: bytes, timestamp: int, headers: Any, states: State) -> list[Done]:
        assert schema is not None
        offset, read = understood(value, key, timestamp)
        stored = None if read.key is None else states.get_bytes("s")
        state = machine.fresh(read.key or "") if stored is None else machine.load(decode(schema, stored))
        done = [(effect, offset, read) for effect in machine.apply(state, offset, read.message)]
        if read.key is not None:
            states.set_bytes("s", encode(schema, machine.dump(state)))
        return done

    return fold if schema is None else keyed


def main() -> None:
    made = domain()
    app = Application(
        broker_address=str(made.settings.kafka_bootstrap_servers),
        consumer_group=f"quix-g{made.settings.generation}",
        auto_offset_reset="earliest",
        commit_interval=COMMIT_SECONDS,
        consumer_poll_timeout=POLL_SECONDS,
        state_dir=made.settings.data_dir / "quix",
        loglevel="WARNING",
    )
    facts = Facts(made.writer())
    topics = {
        name: app.topic(topic, value_deserializer="bytes", key_deserializer="bytes", key_serializer="bytes",
                        value_serializer=Avro(made, SCHEMAS[name]))
        for name, topic in made.targets.items()
    }  # fmt: skip
    known = {topic: topics[name] for name, topic in made.targets.items()}
    for step in made.steps:
        reads = [name for name in step.reads if name not in (made.topics.rekey_devices, made.topics.rekey_records)]
        inputs = [
            known.get(name) or app.topic(name, value_deserializer="bytes", key_deserializer="bytes") for name in reads
        ]
        frame = reduce(lambda one, other: one.concat(other), [app.dataframe(topic) for topic in inputs])
        done = frame.apply(runner(made, step), stateful=step.state is not None, metadata=True, expand=True)
        done.filter(lambda value: type(value[0]) is Send).to_topic(
            lambda value, key, timestamp, headers: topics[value[0].topic], key=lambda value: value[0].key.encode()
        )
        if step.name != "identify":  # which decides on messages only
            done.filter(lambda value: type(value[0]) is Row).sink(facts)
    app._dataframe_registry._requires_time_alignment = False
    app.run()


if __name__ == "__main__":
    main()
