"""The time that boards ask by, for processes that cannot ask ClickHouse each time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from clickhouse_connect.driver.exceptions import ClickHouseError

from sinks.client import Address, Client, SinkError, connect
from streams.model import Micros

_REFRESH_SECONDS = 1.0


class BoardsClock:
    """The wall clock, or the demo's; `now` never blocks: a thread keeps the clock's row."""

    def __init__(self, clickhouse: Address | str) -> None:
        self._address = clickhouse
        self._row: tuple[Micros, Micros, float] = (0, 0, 1.0)
        self._closed = threading.Event()
        self._client: Client | None = None

    def now(self) -> Micros:
        wall, event, speed = self._row
        return event + int((time.time_ns() // 1000 - wall) * speed)

    def follow(self) -> None:
        """Starts to keep up with the row; returns when it is known, if ClickHouse answers."""
        self._read()
        threading.Thread(target=self._follow, name="clock", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def _follow(self) -> None:
        while not self._closed.wait(_REFRESH_SECONDS):
            self._read()

    def _read(self) -> None:
        try:
            self._client = self._client or connect(self._address)
            sql = "SELECT wall_us, event_us, speed FROM facts.clock ORDER BY at DESC LIMIT 1"
            if rows := self._client.query(sql).result_rows:
                wall, event, speed = rows[0]
                self._row = (int(wall), int(event), float(speed))
        except (ClickHouseError, SinkError):
            pass  # the sink tells when ClickHouse is away; the clock just goes on


@contextmanager
def boards_clock(clickhouse: Address | str) -> Iterator[BoardsClock]:
    clock = BoardsClock(clickhouse)
    clock.follow()
    try:
        yield clock
    finally:
        clock.close()
