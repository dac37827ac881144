"""What a step of the flow is: what it reads, how a record is understood, and the pure machine that decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from streams.model import Effect, KeyedStep, Micros, Origin, Raw, Record, Reject, Send


class Read(NamedTuple):
    """What a record says: a message for the state of `key`, or (refused, re-keyed) one effect and no message.

    key None: the step needs no state for it. source_at: Kafka append time of the source record that caused it.
    """

    origin: Origin
    source_at: Micros
    key: str | None = None
    message: Record | None = None
    instead: Reject | Send | None = None


class Fold(Protocol):
    """A step whose only state is the fold of its one log."""

    def apply(self, offset: int, record: Record) -> Iterator[Effect]: ...

    def replay(self, offset: int, record: Record) -> None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the flow. `state` names the schema of its table's values; a fold has none."""

    name: str
    reads: tuple[str, ...]
    read: Callable[[Raw], Read]
    machine: Callable[[], KeyedStep[Any] | Fold]
    state: str | None
