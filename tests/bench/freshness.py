"""How long after it was produced does an event stand in the boards' views, while the worker has other work?

    python -m tests.bench.freshness --sustained EVENTS_PER_SECOND

Beside a steady load of the benchmark's mix, at parts of the rate that the worker sustains, single events are followed:

- visitor: a page view of an unknown device, to boards.visits
- known: a call in the CRM, or a visit, of somebody whose lead is there, to boards.lead_events
- new: a form or a CRM lead of somebody nobody knew, to boards.leads; `settled` is the CRM lead under the lead id of its
  address, i.e. after one more round by way of the log of links

By one clock, from the call of produce to the answer that shows the row; a look takes part of it (`look_s`).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from schemas.codec import Codec
from sinks.reader import BoardsReader
from streams.model import DAY, MINUTE
from tests.bench.events import mix
from tests.bench.paced import Due, Paced
from tests.bench.people import Event, call, crm, form, names, visit
from tests.bench.pinned import Kafka, Pinned, servers, worker
from tests.bench.seeds import LATER, send, until
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company
from tests.support.kafka import TestBroker

LOADS = (10, 50, 80)  # per cent of the sustained rate
SECONDS, PROBES = 25.0, 100  # of each kind at each load
_WARM_UP, _PATIENCE = 6.0, 40.0
_LOOK_EVERY = 0.05
_KNOWN = 300
_FIRST_KNOWN, _FIRST_NEW = 70_000_000, 71_000_000
KINDS = ("visitor", "known", "new", "settled")

# A row for each followed event that is there, by the table's sorting key, so that a look reads little.
_LOOK = {
    "visitor": "SELECT anonymous_id FROM boards.visits WHERE anonymous_id IN {shown:Array(String)}",
    "known": "SELECT event_id FROM boards.lead_events"
    " WHERE lead_id IN {leads:Array(String)} AND event_id IN {shown:Array(String)}",
    "new": "SELECT lead_id FROM boards.leads WHERE lead_id IN {shown:Array(String)}",
}


class Probe:
    """One event that is followed until one of `shown_as` is there. `settled`: the lead id that it must end with."""

    def __init__(self, kind: str, event: Event, shown_as: Sequence[str], lead: str = "", settled: str = "") -> None:
        self.kind = kind
        self.event = event
        self.shown_as = shown_as
        self.lead = lead
        self.settled = settled
        self.produced = self.seen = self.settled_at = 0.0

    def told(self, produced: float) -> None:
        self.produced = produced

    @property
    def done(self) -> bool:
        return bool(self.seen and (self.settled_at or not self.settled))


def measure(
    kafka: Kafka,
    clickhouse: LocalClickHouse,
    folder: Path,
    sustained: float,
    loads: Sequence[int] = LOADS,
    seconds: float = SECONDS,
    probes: int = PROBES,
) -> dict[str, Any]:
    """By kind: p50_at_10, p95_at_10, p50_at_50, … in seconds. `loads`, by per cent: the rate, whether it was sustained
    (if not: "not sustained", with the reason), how late the producer was, and how long a look took."""
    own = folder / "freshness"
    own.mkdir()
    company = Company(TestBroker(kafka.bootstrap_servers, True), clickhouse, own)
    company.environment["FUNNELWATCH_SESSION_TIMEOUT"] = "30s"  # no rebalance because others keep the machine busy
    found: dict[str, Any] = {kind: {} for kind in KINDS} | {"loads": {}}
    spans = [sustained * load / 100 * (_WARM_UP + seconds) for load in loads]
    background = _encoded(company, int(sum(spans)) + len(loads))
    reader = BoardsReader(clickhouse.boards_url)
    try:
        with worker(company) as running:
            _meet_the_known(company, running)
            for load in loads:
                rate = sustained * load / 100
                rest = list(islice(background, int(rate * (_WARM_UP + seconds))))
                followed = _probes(load, probes)
                found["loads"][str(load)] = _follow(company, running, reader, rate, rest, followed, seconds)
                for kind, took in _by_kind(followed).items():
                    found[kind][f"p50_at_{load}"] = _quantile(took, 0.50)
                    found[kind][f"p95_at_{load}"] = _quantile(took, 0.95)
    finally:
        reader.close()
        company.close()
    return found


def _follow(
    company: Company,
    running: Pinned,
    reader: BoardsReader,
    rate: float,
    background: list[Due],
    followed: list[Probe],
    seconds: float,
) -> dict[str, Any]:
    """Sends both side by side and looks for the followed ones until all are there or patience ends."""
    due = [one._replace(at=number / rate) for number, one in enumerate(background)]
    due += _spread(company, followed, seconds)
    due.sort(key=lambda one: one.at)
    paced = Paced(company.broker.bootstrap_servers, due)
    looks: list[float] = []
    lags: list[tuple[float, int]] = []
    began = time.time()
    paced.start()
    deadline = began + _WARM_UP + seconds + _PATIENCE
    while (paced.running() or not all(one.done for one in followed)) and time.time() < deadline:
        looked = time.time()
        if waiting := [one for one in followed if one.produced and not one.done]:
            _look(reader, waiting)
            looks.append(time.time() - looked)
        if paced.running() and (not lags or looked - lags[-1][0] >= 1):
            ((lag,),) = reader.query("SELECT sum(lag) FROM boards.progress").rows
            lags.append((looked, int(lag or 0)))
            running.check()
        time.sleep(_LOOK_EVERY)
    paced.wait()
    return {
        "events_per_s": rate,
        "sustained": _verdict(rate, [lag for at, lag in lags if at > began + _WARM_UP], paced.late, followed),
        "late_p95_s": _quantile(paced.late, 0.95),
        "look_s": statistics.median(looks),
        "missing": sum(not one.done for one in followed),
    }


def _verdict(rate: float, lags: list[int], late: list[float], followed: list[Probe]) -> str:
    third = max(1, len(lags) // 3)
    grown = statistics.mean(lags[-third:]) - statistics.mean(lags[:third]) if lags else 0.0
    if grown > rate:
        return f"not sustained: {grown:,.0f} records further behind at the end"
    if _quantile(late, 0.95) > 0.2:
        return f"not sustained: the producer itself was {_quantile(late, 0.95):.2f} s late"
    if missing := sum(not one.done for one in followed):
        return f"not sustained: {missing} of the followed events were not there in the end"
    return "sustained"


def _look(reader: BoardsReader, waiting: list[Probe]) -> None:
    for kind, sql in _LOOK.items():
        ours = [one for one in waiting if one.kind == kind]
        if not ours:
            continue
        asked = {"leads": sorted({one.lead for one in ours}), "shown": [name for one in ours for name in one.shown_as]}
        there = {row[0] for row in reader.query(sql, asked).rows}
        now = time.time()
        for one in ours:
            if not one.seen and not there.isdisjoint(one.shown_as):
                one.seen = now
            if one.settled in there and not one.settled_at:
                one.settled_at = now


def _by_kind(followed: list[Probe]) -> dict[str, list[float]]:
    """Seconds; an event that never came counts until now."""
    end = time.time()
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for one in followed:
        took[one.kind].append((one.seen or end) - one.produced)
        if one.settled:
            took["settled"].append((one.settled_at or end) - one.produced)
    return took


def _quantile(values: Sequence[float], q: float) -> float:
    """The value that this part of all does not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else 0.0


def _probes(load: int, count: int) -> list[Probe]:
    """So many of each of the three kinds."""
    made = []
    for number in range(count):
        name = f"probe-{load}-{number}"
        at = LATER + load * DAY + number * MINUTE
        device = names(_FIRST_NEW - 1)._replace(device=f"{name}-device")
        made.append(Probe("visitor", visit(device, name, at, name), [device.device]))
        known = names(_FIRST_KNOWN + (load * count + number) % _KNOWN)
        event = call(known, name, at) if number % 2 else visit(known, name, at, name)
        made.append(Probe("known", event, [name], lead=known.lead))
        new = names(_FIRST_NEW + load * 10_000 + number)
        if number % 2:
            made.append(Probe("new", form(new, name, at, name), [new.lead]))
        else:
            made_lead = crm(new, name, at, type="lead_created", status="New")
            made.append(Probe("new", made_lead, [new.lead, new.former], settled=new.lead))
    return made


def _spread(company: Company, followed: list[Probe], seconds: float) -> Iterator[Due]:
    """Evenly and a little irregularly over the time after the warm-up."""
    rng, codec = Random(1), Codec(None)
    for number, one in enumerate(followed):
        topic, key, record = one.event
        at = _WARM_UP + (number + rng.random()) * seconds / len(followed)
        yield Due(at, company.topics[topic], key, codec.encode(f"events/{topic}", record), one.told)


def _meet_the_known(company: Company, running: Pinned) -> None:
    them = [names(_FIRST_KNOWN + number) for number in range(_KNOWN)]
    forms = [form(who, f"first-{number}", LATER, "first") for number, who in enumerate(them)]
    leads = [crm(who, f"made-{number}", LATER, type="lead_created", status="New") for number, who in enumerate(them)]
    send(company, [*forms, *leads])
    until(
        running,
        company,
        "those who are known",
        "SELECT count() FROM boards.lead_events WHERE event_id LIKE 'made-%'",
        _KNOWN,
    )


def _encoded(company: Company, count: int) -> Iterator[Due]:
    codec = Codec(None)
    made = [(topic, key, codec.encode(f"events/{topic}", record)) for topic, key, record in mix(count, seed=7)]
    return (Due(0.0, company.topics[topic], key, value) for topic, key, value in cycle(made))


def table(found: dict[str, Any]) -> str:
    """What `measure` found, for people."""
    loads = list(found["loads"])
    lines = ["seconds, p50 and p95:  " + "".join(f"{'at ' + load + ' %':>16}" for load in loads)]
    for kind in KINDS:
        cells = (f"{found[kind][f'p50_at_{load}']:.2f} {found[kind][f'p95_at_{load}']:.2f}" for load in loads)
        lines.append(f"  {kind:<20} " + "".join(f"{cell:>16}" for cell in cells))
    lines += [
        f"  at {load} %: {one['events_per_s']:,.0f} events/s {one['sustained']};"
        f" producer late by {one['late_p95_s']:.3f} s (p95), a look takes {one['look_s']:.3f} s"
        for load, one in found["loads"].items()
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sustained", type=float, required=True, help="events/s that the worker keeps up with")
    parser.add_argument("--loads", type=int, nargs="+", default=list(LOADS), help="per cent of it")
    given = parser.parse_args()
    with servers() as (kafka, clickhouse, folder):
        print(table(measure(kafka, clickhouse, folder, given.sustained, given.loads)))


if __name__ == "__main__":
    main()
