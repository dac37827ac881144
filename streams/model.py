"""The words that every step shares: events, items, and the effects a step decides on (tuples: made by the million).

All times are UTC microseconds (int). Nothing here knows Kafka, ClickHouse or the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

Micros = int
SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
HOUR: Micros = 60 * MINUTE
DAY: Micros = 24 * HOUR

Value = bool | int | float | str
Record = dict[str, Any]  # a decoded Avro record, in the shape of the schema that is named beside it


class Raw(Protocol):
    """A record as fetched from Kafka (aiokafka's ConsumerRecord is one)."""

    @property
    def topic(self) -> str: ...

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...

    @property
    def timestamp(self) -> int: ...  # milliseconds

    @property
    def key(self) -> bytes | None: ...

    @property
    def value(self) -> bytes | None: ...


class Origin(NamedTuple):
    """A record as it came from its source topic, also when it took a detour by a re-key topic."""

    topic: str
    partition: int
    offset: int
    appended_at: Micros
    key: bytes | None
    value: bytes | None


class LeadEvent(NamedTuple):
    """One event as a journey sees it: `data` holds the schema's fields that have a value, no personal data."""

    key: str
    type: str
    occurred_at: Micros
    recorded_at: Micros
    source: str
    event_id: str
    precision: Literal["second", "day"]
    data: dict[str, Value]

    def record(self) -> Record:
        return self._asdict()


class Send(NamedTuple):
    """Say `message` (shape: the schema of that topic under schemas/internal/) to the owner of `key`."""

    topic: Literal["identity", "links", "lead", "rekey_devices", "rekey_records"]
    key: str
    message: Record


class Row(NamedTuple):
    """A fact row; `values` None says that the row of this key is gone.

    `key` are the leading key columns of the declared table after `generation`, in order, and are not repeated in
    `values`. `revision` None lets the worker use the input offset.
    """

    table: str
    key: tuple[Any, ...]
    values: dict[str, Any] | None
    revision: int | None = None


class Reject(NamedTuple):
    """The message is refused: `reason` is a short name that is counted, `detail` is for people."""

    reason: str
    detail: str


Effect = Send | Row | Reject
State = TypeVar("State")


class KeyedStep(Protocol[State]):
    """A step with one state per key. It mutates only the state that it is given, and returns decisions."""

    def fresh(self, key: str) -> State: ...

    def load(self, record: Record) -> State: ...

    def dump(self, state: State) -> Record: ...

    def apply(self, state: State, offset: int, message: Record) -> Iterator[Effect]: ...
