"""`funnelwatch demo`: a simulated company in front of the local stack; first its history, then live.

Records carry the simulation's time as their Kafka time, and boards ask by the simulation's clock, so a rep's 24 hours
pass in 24 minutes at speed 60. The live part begins on a working day's morning in the past and slows down to 1 when it
has caught up with the wall clock: no event is ever ahead of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from clickhouse_connect.driver.exceptions import ClickHouseError
from rich.progress import Progress

from deploy.demo import Message, reference, simulate
from deploy.local.stack import Stack
from deploy.producing import EventProducer
from deploy.settings import Settings, SettingsError
from deploy.worker import codec_of
from sinks.client import Client, connect
from sinks.clock import reset_clock, set_clock
from sinks.live import live_generation
from sinks.reference import write
from streams.definition.load import load_definition
from streams.model import DAY, SECOND, Micros
from streams.reference.read import read

DAYS_BEHIND = 21  # how far in the past the live part begins: at speed 60 it lasts for more than eight hours
MORNING = 7  # UTC: nine in Berlin, where the simulated company works
_SLOWEST = 0.001  # boards' time while history is loaded; it must not stand, or nobody could see the worker report
_FAR = 3650 * DAY
_HAS_FACTS = "SELECT (SELECT count() FROM facts.lead_events) + (SELECT count() FROM facts.loads) > 0"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated; times in event time. Equal plans give equal events."""

    seed: int
    begin: Micros
    opens: Micros  # where history ends and the live part begins
    speed: float


def plan(seed: int, history: float, speed: float, now: datetime) -> Plan:
    """`history` in seconds; opens on the last Tuesday morning that is long enough ago."""
    morning = now.astimezone(UTC).replace(hour=MORNING, minute=0, second=0, microsecond=0) - timedelta(days=DAYS_BEHIND)
    opens = morning - timedelta(days=(morning.weekday() - 1) % 7)
    at = int(opens.timestamp()) * SECOND
    return Plan(seed, at - int(history * SECOND), at, speed)


@dataclass(frozen=True, slots=True)
class Pace:
    """At wall time `wall` it is `event` in the simulation, which goes on `speed` times as fast."""

    wall: Micros
    event: Micros
    speed: float

    def now(self) -> Micros:
        return self.event + int((_wall() - self.wall) * self.speed)


def prepare(settings: Settings, planned: Plan) -> None:
    """To be done before anything reads the clock. Raises SettingsError."""
    hold_clock(settings, planned)
    load_reference(settings, planned)


def hold_clock(settings: Settings, planned: Plan) -> None:
    """Boards' time all but stands at the opening.

    Raises SettingsError where somebody's facts are: everyone's boards would ask by the demo's time.
    """
    with closing(connect(settings.clickhouse_address)) as client:
        if live_generation(client) != settings.generation or client.query(_HAS_FACTS).result_rows[0][0]:
            raise SettingsError(
                "CLICKHOUSE_URL: has facts already, and a demo changes the boards' clock; take an empty one"
            )
        set_clock(client, _wall(), planned.opens, _SLOWEST)


def load_reference(settings: Settings, planned: Plan) -> None:
    """Who works there, spend and so on, from the first month of history to the one after the opening."""
    definition = load_definition(settings.definition)
    first, last = (datetime.fromtimestamp(at / SECOND, UTC).date() for at in (planned.begin, planned.opens + 31 * DAY))
    with TemporaryDirectory() as folder, closing(connect(settings.clickhouse_address)) as client:
        for kind, text in reference.files(planned.seed, first, last):
            file = Path(folder) / f"{kind}.csv"
            file.write_text(text)
            found = read(kind, [file], definition)
            if not found.mistakes:  # a definition of somebody's own may lack what these files name
                write(client, kind, found.rows, found.months, "demo")


class Demo:
    """Feeds a running stack; its methods are used in this order: history, open, live (often), finish, close."""

    def __init__(self, stack: Stack, planned: Plan) -> None:
        settings = stack.settings
        self.plan, self.sent = planned, 0
        self._codec, self._producer = codec_of(settings), EventProducer(settings)
        self._client: Client = connect(settings.clickhouse_address)
        self._messages = simulate(planned.seed, planned.begin, planned.opens + _FAR)
        self._next: Message | None = None
        self.pace = self.opened = Pace(_wall(), planned.opens, _SLOWEST)

    def history(self, bars: Progress, check: Callable[[], None]) -> None:
        """Sends all until the opening; the caller waits for the worker."""
        days = round((self.plan.opens - self.plan.begin) / DAY)
        task = bars.add_task("history, days", total=days)
        for message in self._until(self.plan.opens):
            self._send(message)
            if self.sent % 500 == 0:
                bars.update(task, completed=(message.at_us - self.plan.begin) // DAY)
                check()
        self._producer.flush()
        bars.update(task, completed=days)

    def open(self) -> None:
        """From now on boards' time runs at the plan's speed."""
        self.opened = self.pace = self._set(Pace(_wall(), self.plan.opens, self.plan.speed))

    def live(self) -> None:
        """Sends what is due by now."""
        for message in self._until(self.pace.now()):
            self._send(message)
        wall = _wall()
        if self.pace.speed > 1 and self.pace.now() >= wall:
            self.pace = self._set(Pace(wall, wall, 1.0))

    def finish(self) -> None:
        """Everything sent is acknowledged."""
        self._producer.flush()

    def close(self) -> None:
        with suppress(ClickHouseError):  # it may be what died
            reset_clock(self._client)
        self._client.close()

    def _set(self, pace: Pace) -> Pace:
        set_clock(self._client, pace.wall, pace.event, pace.speed)
        return pace

    def _until(self, end: Micros) -> Iterator[Message]:
        held = [] if self._next is None else [self._next]
        self._next = None
        for message in chain(held, self._messages):
            if message.at_us >= end:
                self._next = message
                return
            yield message

    def _send(self, message: Message) -> None:
        value = message.raw
        if message.record is not None:
            value = self._codec.encode(f"events/{message.topic}", message.record)
        self._producer.send(message.topic, message.key, value, message.at_us // 1000)
        self.sent += 1


def _wall() -> Micros:
    return time.time_ns() // 1000
