"""The whole flow in one process and no time: topics are lists, every step runs as its lane would run it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from schemas.codec import Codec
from sinks.writer import Batch
from streams.definition import load_definition
from streams.flow import flow
from streams.model import Reject, Row, Send
from streams.topics import Topics

APPENDED_MS = 1_900_000_000_000  # later than any sample
TOPICS = Topics("web", "form", "crm", 1)
_INTERNAL = {
    "identity": (TOPICS.identity, "internal/identity"),
    "links": (TOPICS.links, "internal/links"),
    "lead": (TOPICS.lead, "internal/lead"),
    "rekey_devices": (TOPICS.rekey_devices, "internal/rekey"),
    "rekey_records": (TOPICS.rekey_records, "internal/rekey"),
}


class Raw(NamedTuple):
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


codec = cache(lambda: Codec(None))
definition = cache(lambda: load_definition(None))


class Funnel:
    """`rows` by table and key, `rejects`, what was `sent` to each internal topic, encoded `states` by step and key."""

    def __init__(self) -> None:
        self.codec = codec()
        steps = flow(TOPICS, lambda key: 0, self.codec, definition(), b"a secret for tests only")
        self._step_of = {topic: step for step in steps for topic in step.reads}
        self._machines: dict[str, Any] = {step.name: step.machine() for step in steps}
        self.states: dict[tuple[str, str], Any] = {}
        self._offsets: Counter[str] = Counter()
        self.rows: dict[tuple[Any, ...], dict[str, Any] | None] = {}
        self.rejects: list[Reject] = []
        self.sent: Counter[str] = Counter()

    def take(self, records: Iterable[tuple[str, bytes | None, bytes | None]]) -> None:
        """topic, key, value of each record; returns when everything that follows from them is done."""
        waiting = deque(records)
        checked = Batch()  # refuses a row that its declared table does not have like this
        while waiting:
            topic, key, value = waiting.popleft()
            offset = self._offsets[topic]
            self._offsets[topic] += 1
            for effect in self._effects(Raw(topic, 0, offset, APPENDED_MS, key, value)):
                if isinstance(effect, Send):
                    target, schema = _INTERNAL[effect.topic]
                    waiting.append((target, effect.key.encode(), self.codec.encode(schema, effect.message)))
                    self.sent[effect.topic] += 1
                elif isinstance(effect, Row):
                    checked.add(effect.table, effect.key, effect.values, offset, 0)
                    self.rows[effect.table, *effect.key] = effect.values
                else:
                    self.rejects.append(effect)

    def _effects(self, raw: Raw) -> list[Any]:
        step = self._step_of[raw.topic]
        read = step.read(raw)
        if read.message is None:
            return [read.instead]
        machine = self._machines[step.name]
        if step.state is None:
            return list(machine.apply(raw.offset, read.message))
        key = read.key or ""
        stored = self.states.get((step.name, key))
        # through bytes, as a lane that forgot the state would
        state = machine.fresh(key) if stored is None else machine.load(self.codec.decode(step.state, stored))
        effects = list(machine.apply(state, raw.offset, read.message))
        if read.key is not None:
            self.states[step.name, key] = self.codec.encode(step.state, machine.dump(state))
        return effects
