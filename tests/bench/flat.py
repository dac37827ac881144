"""What does an event cost with 10k, 100k and 1M leads behind the worker? The goal: the same.

    python -m tests.bench.flat [--leads N N ...] [--events N]

The same number of events (40 % visits of known devices, 10 % forms, 50 % calls) for random ones of the leads, after as
many again to warm up; counted from the first event produced to the last row written, and in processor time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from streams.model import MINUTE
from tests.bench.people import Event, call, crm, form, names, visit
from tests.bench.pinned import Kafka, Pinned, servers, worker
from tests.bench.seeds import LATER, Seeded, seeded, send, until
from tests.support.clickhouse import LocalClickHouse

SIZES = (10_000, 100_000, 1_000_000)
EVENTS = 20_000
_WARM_UP = 0.25  # of the events
_STILL = 90.0


def touched(leads: int, events: int = EVENTS) -> list[int]:
    """Whom the events are about, in their order, those of the warm-up first."""
    rng = Random(leads)
    return [rng.randrange(leads) for _ in range(int(events * (1 + _WARM_UP)))]


def measure(
    kafka: Kafka, clickhouse: LocalClickHouse, folder: Path, sizes: Sequence[int] = SIZES, events: int = EVENTS
) -> dict[str, Any]:
    """By number of leads: events a second, and microseconds of processor time an event, and both as ratios to those of
    the first size (`events_per_s_ratio`: 1 is flat, `cpu_ratio`: likewise)."""
    found: dict[str, Any] = {}
    for leads in sizes:
        ready = seeded(kafka, clickhouse, folder, leads, exact=touched(leads, events))
        found[str(leads)] = _one(ready, events)
    first = found[str(sizes[0])]
    for one in found.values():
        one["events_per_s_ratio"] = one["events_per_s"] / first["events_per_s"]
        one["cpu_ratio"] = one["cpu_us_per_event"] / first["cpu_us_per_event"]
    return found


def _one(ready: Seeded, events: int) -> dict[str, float]:
    numbers = touched(ready.leads, events)
    warm, counted = numbers[: len(numbers) - events], numbers[len(numbers) - events :]
    with worker(ready.company) as running:
        _work(ready, running, list(_events(warm, "warm-up")), "warm-up")
        _resolver_done(ready, running)
        batch = list(_events(counted, "counted"))
        cpu, began = running.cpu(), time.time()
        ended = _work(ready, running, batch, "counted")
        cpu = running.cpu() - cpu
    return {"events_per_s": events / (ended - began), "cpu_us_per_event": cpu / events * 1e6}


def _work(ready: Seeded, running: Pinned, events: list[Event], source: str) -> float:
    """Sends these and waits for all; when the last row was written."""
    company = ready.company
    send(company, events)
    sql = (
        "SELECT uniqExact(cause), toUnixTimestamp64Milli(max(written_at)) FROM facts.lead_events"
        f" WHERE generation = {company.generation} AND source = '{source}'"
    )
    seen, deadline = -1, 0.0
    while True:
        ((found, last),) = company.ask(sql)
        if found == len(events):
            return float(last) / 1000
        if found != seen:
            seen, deadline = found, time.monotonic() + _STILL
        running.check()
        if time.monotonic() > deadline:
            raise SystemExit(f"{source}: {found} of {len(events)} events, and no more\n{running.log()}")
        time.sleep(0.3)


def _resolver_done(ready: Seeded, running: Pinned) -> None:
    """It folds its log again beside the rest."""
    stranger = next(ready.strangers)
    send(ready.company, [crm(stranger, "made", LATER, type="lead_created", status="New")])
    linked = f"SELECT count() FROM boards.identity_links WHERE a = 'crm_lead:{stranger.record}'"
    until(running, ready.company, "the link that waits for all others", linked, 1)


def _events(numbers: Sequence[int], source: str) -> Iterator[Event]:
    rng = Random(source)
    for event, number in enumerate(numbers):
        who, at, name = names(number), LATER + event * MINUTE, f"{source}-{event}"
        kind = rng.choices(("visit", "form", "call"), (40, 10, 50))[0]
        if kind == "visit":
            yield visit(who, name, at, name, source)
        elif kind == "form":
            yield form(who, name, at, name, source)
        else:
            yield call(who, name, at, source)


def table(found: dict[str, Any]) -> str:
    """What `measure` found, for people."""
    return "\n".join(
        f"{int(leads):>9,} leads: {one['events_per_s']:7,.0f} events/s ({one['events_per_s_ratio']:.2f}),"
        f" {one['cpu_us_per_event']:6,.0f} µs of processor an event ({one['cpu_ratio']:.2f})"
        for leads, one in found.items()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leads", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--events", type=int, default=EVENTS)
    given = parser.parse_args()
    with servers() as (kafka, clickhouse, folder):
        print(table(measure(kafka, clickhouse, folder, given.leads, given.events)))


if __name__ == "__main__":
    main()
