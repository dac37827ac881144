"""An open loop: events leave at their time, however the worker is doing; and how late they left all the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from confluent_kafka import Producer

_TICK = 0.01


class Due(NamedTuple):
    """At `at` seconds from the start. `told`: gets the moment of produce, by time.time(), if anybody wants to know."""

    at: float
    topic: str
    key: bytes
    value: bytes
    told: Callable[[float], None] | None = None


class Paced:
    """Sends `due`, which is in order, in a thread of its own. `late`: seconds, of every tick that had something due."""

    def __init__(self, servers: str, due: Sequence[Due]) -> None:
        self._due = due
        self._producer = Producer(
            {
                "bootstrap.servers": servers,
                "partitioner": "murmur2_random",
                "linger.ms": 2,
                "queue.buffering.max.messages": 1_000_000,
            }
        )
        self._thread = threading.Thread(target=self._run, name="paced producer")
        self.late: list[float] = []

    def start(self) -> None:
        self._thread.start()

    def running(self) -> bool:
        return self._thread.is_alive()

    def wait(self) -> None:
        self._thread.join()
        assert self._producer.flush(60) == 0, "the broker did not take all events within 60 s"

    def _run(self) -> None:
        began = time.monotonic()
        number = 0
        while number < len(self._due):
            now = time.monotonic() - began
            first = number
            while number < len(self._due) and self._due[number].at <= now:
                _, topic, key, value, told = self._due[number]
                produced = time.time()
                self._producer.produce(topic, value, key, timestamp=int(produced * 1000))
                if told is not None:
                    told(produced)
                number += 1
            if number > first:
                self.late.append(now - self._due[first].at)
            self._producer.poll(0)
            time.sleep(max(0.0, _TICK - (time.monotonic() - began - now)))
