"""What a lane has decided since its last flush: messages per topic and partition, rows, and how far it read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from streams.model import Micros, Record, Row, Send
from streams.worker.partitions import Partitions

_MESSAGE_BYTES, _ROW_BYTES = 200, 2_000  # what one takes in memory beside its value, and a row in all


class RowBatch(Protocol):
    """Rows by table; the last one of a key wins. Made by the sink."""

    def add(
        self, table: str, key: tuple[Any, ...], values: dict[str, Any] | None, revision: int, source_at: Micros
    ) -> None: ...

    def tables(self) -> Sequence[str]: ...


class Message:
    """One encoded record to produce."""

    __slots__ = ("key", "value")

    def __init__(self, key: bytes, value: bytes) -> None:
        self.key = key
        self.value = value


@dataclass(frozen=True, slots=True)
class Route:
    """Where messages of one kind go, and how they are written."""

    topic: str
    schema: str
    partitions: Partitions


@dataclass(slots=True)
class Outbox:
    """Grows with every record; `Lane` swaps it for a fresh one at each cut."""

    routes: dict[str, Route]
    encode: Callable[[str, Record], bytes]
    rows: RowBatch
    sends: dict[tuple[str, int], list[Message]] = field(default_factory=dict)
    records: int = 0
    size: int = 0  # bytes that it holds, about
    offsets: dict[tuple[str, int], int] = field(default_factory=dict)  # (topic, partition) -> next to read
    sources: list[Micros] = field(default_factory=list)  # Kafka append times of the source records in here
    oldest: Micros | None = None  # the least of them

    def send(self, effect: Send) -> None:
        route = self.routes[effect.topic]
        self.put(route.topic, route.partitions.of(effect.key), effect.key.encode(), route.schema, effect.message)

    def put(self, topic: str, partition: int, key: bytes, schema: str, message: Record) -> None:
        encoded = self.encode(schema, message)
        self.size += len(encoded) + _MESSAGE_BYTES
        self.sends.setdefault((topic, partition), []).append(Message(key, encoded))

    def row(self, effect: Row, revision: int, source_at: Micros) -> None:
        self.size += _ROW_BYTES
        chosen = revision if effect.revision is None else effect.revision
        self.rows.add(effect.table, effect.key, effect.values, chosen, source_at)

    def read(self, topic: str, partition: int, offset: int, source_at: Micros) -> None:
        self.records += 1
        self.sources.append(source_at)
        self.offsets[(topic, partition)] = offset + 1
        if self.oldest is None or source_at < self.oldest:
            self.oldest = source_at

    @property
    def empty(self) -> bool:
        return not self.offsets
