"""Would the flow refuse this record if it came again? The flow's own steps are asked, before a retry."""

from __future__ import annotations

from typing import NamedTuple, cast

from schemas.codec import Codec
from streams.definition import Definition
from streams.flow import flow
from streams.judge import is_cut
from streams.model import KeyedStep, Micros, Record, Reject
from streams.topics import Topics

_NO_KEY = b"what is refused does not depend on it"


class _Raw(NamedTuple):
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class StillRefused:
    """By the schemas of `codec` and the guards of `definition`, as they are now."""

    def __init__(self, topics: Topics, codec: Codec, definition: Definition) -> None:
        steps = flow(topics, lambda _: 0, codec, definition, _NO_KEY)
        self._steps = {topic: step for step in steps for topic in step.reads if topic in topics.sources}

    def is_whole(self, refused: Record) -> bool:
        """Whether all of its bytes were kept."""
        return not is_cut(refused["key"], refused["value"])

    def why(self, refused: Record) -> Reject | None:
        """refused: a message of a source topic's rejected topic (schemas/internal/rejected.avsc). None: not any more.

        Raises RegistryError.
        """
        key, value = refused["key"], refused["value"]
        if not self.is_whole(refused):
            return Reject("too_large", f"only the first {len(value or b'')} bytes were kept")
        step = self._steps[refused["topic"]]
        read = step.read(_Raw(refused["topic"], 0, 0, timestamp_ms(refused["appended_at"]), key, value))
        if isinstance(read.instead, Reject):
            return read.instead
        if read.message is None:
            return None
        machine = cast("KeyedStep[object]", step.machine())
        effects = machine.apply(machine.fresh(read.key or ""), 0, read.message)
        return next((effect for effect in effects if isinstance(effect, Reject)), None)


def timestamp_ms(appended_at: Micros) -> int:
    """The Kafka time that the record had, and has again; 0 would mean *now* to a producer."""
    return max(appended_at // 1000, 1)
