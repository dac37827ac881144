"""What every variant runs: the flow's own steps, put together by the settings as the worker does, without Faust."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from deploy import topics as names
from deploy.settings import Settings, load
from schemas.codec import Codec
from sinks.client import connect
from sinks.writer import Batch, Writer
from streams.definition.load import load_definition
from streams.flow import flow
from streams.model import Effect, Reject, Row, Send
from streams.step import Read, Step
from streams.topics import Topics
from streams.worker.partitions import Partitions

SCHEMAS = {"identity": "internal/identity", "links": "internal/links", "lead": "internal/lead"}


class Raw(NamedTuple):
    topic: str
    partition: int
    offset: int
    timestamp: int  # milliseconds
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True)
class Domain:
    settings: Settings
    topics: Topics
    codec: Codec
    steps: list[Step]

    def writer(self) -> Writer:
        return Writer(connect(self.settings.clickhouse_address), self.settings.generation)

    @property
    def targets(self) -> dict[str, str]:
        """Topic names by what a Send calls them. The events all lie where they belong: none takes the detour."""
        return {"identity": self.topics.identity, "links": self.topics.links, "lead": self.topics.lead}


def domain(partition_of: Callable[[str], int] | None = None) -> Domain:
    """By the environment; partition_of: where Kafka puts a key, by default."""
    settings = load()
    assert settings.email_key is not None
    topics, codec = names.names(settings), Codec(settings.schema_registry_url)
    where = partition_of or Partitions(settings.partitions).of
    key = settings.email_key.get_secret_value().encode()
    steps = flow(topics, where, codec, load_definition(settings.definition), key, settings.transactions)
    return Domain(settings, topics, codec, steps)


def put(batch: Batch, effect: Row, offset: int, read: Read) -> None:
    revision = offset if effect.revision is None else effect.revision
    batch.add(effect.table, effect.key, effect.values, revision, read.source_at)


class Loop:
    """The steps with their states in dicts, which is as fast as they can be; `batch` collects their rows."""

    def __init__(self, made: Domain) -> None:
        self.batch = Batch()
        self._codec = made.codec
        self._targets = made.targets
        self._of: dict[str, tuple[Step, Any, dict[str, Any]]] = {}
        for step in made.steps:  # topics of one step share its states
            self._of |= dict.fromkeys(step.reads, (step, step.machine(), {}))

    def take(self, raw: Raw) -> Iterator[tuple[str, bytes, bytes]]:
        """topic, key and value of each message that follows."""
        step, machine, states = self._of[raw.topic]
        read = step.read(raw)
        if read.message is None:
            raise AssertionError(f"{raw.topic}: {read.instead}")
        effects: Iterator[Effect]
        if step.state is None:
            effects = machine.apply(raw.offset, read.message)
        elif read.key is None:
            effects = machine.apply(machine.fresh(""), raw.offset, read.message)
        else:
            state = states.get(read.key)
            if state is None:
                state = states[read.key] = machine.fresh(read.key)
            effects = machine.apply(state, raw.offset, read.message)
        for effect in effects:
            if isinstance(effect, Row):
                put(self.batch, effect, raw.offset, read)
            elif isinstance(effect, Send):
                value = self._codec.encode(SCHEMAS[effect.topic], effect.message)
                yield self._targets[effect.topic], effect.key.encode(), value
            else:
                assert isinstance(effect, Reject)
                raise AssertionError(f"{raw.topic}: {effect}")
