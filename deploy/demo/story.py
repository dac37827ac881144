"""A story is what happens around one visitor, prospect or account: events, and how each reaches Kafka.

Every story draws from its own seeded source of chance, so what happens in one says nothing about another.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from streams.model import DAY, HOUR, MINUTE, SECOND, Micros, Record
from streams.sources.shapes import Topic

Choices = dict[str, float]

_WEEK = 7 * DAY
_OFFLINE = 0.003  # a phone without network keeps its events
_LATE = 0.015  # a CRM change that the connector only sees later
_TWICE = 0.008


@dataclass(frozen=True, slots=True)
class Message:
    """What reaches Kafka at `at_us` (event time, UTC microseconds).

    `record` has the fields with a value, in the shape of the topic's schema. Where it is None the value is `raw`, and
    where both are None the value is null. `fault` names what is wrong with a message that is bad on purpose.
    """

    topic: Topic
    key: bytes
    at_us: Micros
    record: Record | None = None
    raw: bytes | None = None
    fault: str = ""


class World:
    """What all stories share: the seed, and when the CRM's connector is down."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._outages: dict[int, tuple[Micros, Micros]] = {}

    def rng(self, *name: object) -> Random:
        return Random("/".join(map(str, (self.seed, *name))))

    def connector_back(self, at: Micros) -> Micros:
        """When the CRM's connector, asked at `at`, delivers: at once, or after an outage (in one week of three)."""
        week = at // _WEEK
        if week not in self._outages:
            rng = self.rng("outage", week)
            begin = week * _WEEK + rng.randrange(_WEEK - DAY)
            length = rng.randrange(2 * HOUR, 18 * HOUR) if rng.random() < 0.33 else 0
            self._outages[week] = begin, begin + length
        begin, end = self._outages[week]
        return end if begin <= at < end else at


class Story:
    def __init__(self, world: World, name: str, born: Micros) -> None:
        self.world = world
        self.name = name
        self.born = born
        self.rng = world.rng(name)
        self.messages: list[Message] = []
        self._ids = 0

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, choices: Choices) -> str:
        return self.rng.choices(list(choices), list(choices.values()))[0]

    def within(self, low: Micros, high: Micros) -> Micros:
        return int(self.rng.uniform(low, high))

    def about(self, median: Micros, spread: float = 0.6) -> Micros:
        """A duration around the median, with a long tail."""
        return int(median * self.rng.lognormvariate(0, spread))

    def new_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}-{self.name}-{self._ids}"

    def web(self, at: Micros, device: str, session: str, **fields: Any) -> None:
        ready = at + self.within(HOUR, 36 * HOUR) if self.chance(_OFFLINE) else at
        record = {"type": "page_view", "anonymous_id": device, "session_id": session} | fields
        self._tell("web", device, "site", record, at, ready, 2 * SECOND)

    def form(self, at: Micros, email: str, device: str | None = None, **fields: Any) -> None:
        record = {"type": "form_submitted", "email": email} | fields
        if device:
            record["anonymous_id"] = device
        self._tell("form", device or email, "site", record, at, at, 4 * SECOND)

    def crm(
        self,
        at: Micros,
        kind: str,
        record_id: str,
        *,
        source: str = "crm",
        recorded: Micros | None = None,
        **fields: Any,
    ) -> None:
        """A CRM event of type `kind`; `recorded` (default: `at`) is when somebody or something logged it.

        Fields that are None are left out.
        """
        logged = at if recorded is None else recorded
        ready = logged + self.within(2 * HOUR, 4 * DAY) if self.chance(_LATE) else logged
        record = {"type": kind, "record_kind": "lead", "record_id": record_id, "recorded_at": logged}
        record |= {name: value for name, value in fields.items() if value is not None}
        self._tell("crm", record_id, source, record, at, self.world.connector_back(ready), 15 * SECOND)

    def _tell(
        self, topic: Topic, key: str, source: str, record: Record, at: Micros, ready: Micros, lag: Micros
    ) -> None:
        arrives = ready + int(self.rng.expovariate(1 / lag)) + 20_000
        record |= {"event_id": self.new_id("e"), "source": source, "occurred_at": at, "received_at": arrives}
        self.messages.append(Message(topic, key.encode(), arrives, record))
        if self.chance(_TWICE):
            again = arrives + int(self.rng.expovariate(1 / (10 * MINUTE)))
            self.messages.append(Message(topic, key.encode(), again, record | {"received_at": again}))
