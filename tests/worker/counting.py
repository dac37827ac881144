"""A two-step flow that counts, as a worker process: what the transport promises, without anything about leads.

`first` remembers the numbers that it saw per key and tells `second` the whole set; `second` writes a row per key.
Lost, doubled or forgotten records show as a wrong set.

    python -m tests.worker.counting --bootstrap HOST:PORT --data DIR --rows FILE --generation N [--transactions]
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from streams.model import Effect, Micros, Origin, Raw, Record, Reject, Row, Send
from streams.step import Read, Step
from streams.topics import Topics
from streams.worker.config import Most, WorkerConfig
from streams.worker.run import run

STUCK = 1_000_000_001  # a number that the first step never comes back from


def topics(generation: int) -> Topics:
    return Topics(f"count{generation}.in", f"count{generation}.form", f"count{generation}.crm", generation)


class Json:
    def encode(self, name: str, record: Record) -> bytes:
        return json.dumps(record, default=lambda raw: raw.decode()).encode()

    def decode(self, name: str, data: bytes | None) -> Record:
        found: Record = json.loads(data or b"")
        return found


class Numbers:
    """State per key: the numbers seen."""

    def fresh(self, key: str) -> dict[str, Any]:
        return {"key": key, "seen": []}

    def load(self, record: Record) -> dict[str, Any]:
        return record

    def dump(self, state: dict[str, Any]) -> Record:
        return state


class First(Numbers):
    def apply(self, state: dict[str, Any], offset: int, message: Record) -> Iterator[Effect]:
        while message["n"] == STUCK:
            pass
        if message["n"] not in state["seen"]:
            state["seen"].append(message["n"])
        yield Send("lead", state["key"], {"source_at": message["source_at"], "seen": state["seen"]})


class Second(Numbers):
    def apply(self, state: dict[str, Any], offset: int, message: Record) -> Iterator[Effect]:
        state["seen"] = sorted({*state["seen"], *message["seen"]})
        yield Row("counts", (state["key"],), {"seen": state["seen"]})


def read_in(raw: Raw) -> Read:
    at = raw.timestamp * 1000
    origin = Origin(raw.topic, raw.partition, raw.offset, at, raw.key, raw.value)
    try:
        n = int(raw.value or b"")
    except ValueError:
        return Read(origin, at, instead=Reject("no_number", "not a number"))
    return Read(origin, at, (raw.key or b"").decode(), {"n": n, "source_at": at})


def read_sets(raw: Raw) -> Read:
    message = json.loads(raw.value or b"")
    origin = Origin(raw.topic, raw.partition, raw.offset, raw.timestamp * 1000, raw.key, raw.value)
    return Read(origin, message["source_at"], (raw.key or b"").decode(), message)


def steps(topics: Topics) -> list[Step]:
    return [
        Step("first", (topics.web,), read_in, First, "numbers"),
        Step("second", (topics.lead,), read_sets, Second, "numbers"),
    ]


class Batch:
    def __init__(self) -> None:
        self.rows: dict[Any, dict[str, Any]] = {}

    def add(
        self, table: str, key: tuple[Any, ...], values: dict[str, Any] | None, revision: int, source_at: Micros
    ) -> None:
        self.rows[table, *key] = {"table": table, "key": list(key), "values": values, "revision": revision}

    def tables(self) -> list[str]:
        return sorted({row["table"] for row in self.rows.values()})


class FileSink:
    """Rows as lines, appended; who reads takes the highest revision of a key.

    It is away while a file `away` lies beside `path`, and says so by a file of its own, `path` with `.waits`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._away = path.parent / "away"
        self._waits = path.with_suffix(".waits")
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.away_since: float | None = None

    def batch(self) -> Batch:
        return Batch()

    def stop(self) -> None:
        self._stopping.set()

    def write(self, table: str, batches: Sequence[Any]) -> None:
        while self._away.exists():
            self.away_since = self.away_since or time.monotonic()
            self._waits.touch()
            if self._stopping.wait(0.05):
                raise ConnectionError("stopped while the sink is away")
        self.away_since = None
        with self._lock, self._path.open("a") as out:
            for batch in batches:
                out.writelines(json.dumps(row) + "\n" for row in batch.rows.values() if row["table"] == table)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--generation", type=int, required=True)
    parser.add_argument("--transactions", action="store_true")
    parser.add_argument("--stuck-after", type=float, default=60.0)
    parser.add_argument("--poll-interval", type=float, default=300.0)
    parser.add_argument("--waiting", type=int, default=20_000)
    parser.add_argument("--ahead", type=int, default=5_000)
    parser.add_argument("--log-level", default="WARNING")
    given = parser.parse_args()
    config = WorkerConfig(
        bootstrap_servers=given.bootstrap,
        topics=topics(given.generation),
        partitions=3,
        data_dir=given.data,
        email_key=b"",
        transactions=given.transactions,
        idempotent=given.transactions,
        session_timeout=6.0,
        stuck_after=given.stuck_after,
        poll_interval=given.poll_interval,
        waiting=Most(given.waiting, 16_000_000),
        ahead=Most(given.ahead, 32_000_000),
        log_level=given.log_level,
    )
    run(config, Json(), steps(config.topics), FileSink(given.rows), lambda: int(time.time() * 1e6))


if __name__ == "__main__":
    main()
