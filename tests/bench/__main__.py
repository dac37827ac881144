"""How fast is the worker on one core, beside a bare loop, Quix Streams and stock Faust, with the same steps?

    python -m tests.bench [--events N] [--repeats N] [--only bare,worker,…] [--parts throughput,freshness,…] [--profile]

(`make bench`.) On a real Apache Kafka and ClickHouse, which share the second core with what measures. The results are
written to .bench/; where a ratio misses its goal, or with --profile, also where the time goes, to .bench/profile.txt.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.bench import profiling, results, throughput
from tests.bench.events import encoded
from tests.bench.pinned import servers
from tests.bench.results import Repeat
from tests.bench.rows import forget
from tests.bench.throughput import WARM_EVENTS, Expected, Failed, Measured
from tests.bench.variants import VARIANTS, Variant
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company
from tests.support.kafka import TestBroker

PARTS = ("throughput", *results.OTHERS)
PROFILED = ("bare", "worker")


class Bench:
    """Variants side by side, each with topics and a generation of its own."""

    def __init__(self, broker: TestBroker, clickhouse: LocalClickHouse, folder: Path, events: int) -> None:
        self._broker = broker
        self._clickhouse = clickhouse
        self._folder = folder
        self._events = events
        self._made = 0

    def repeat(self, seed: int, variants: Iterable[Variant]) -> Repeat:
        """All of them once on the same events; what failed is told and left out."""
        events = encoded(self._events, seed)
        warm = encoded(WARM_EVENTS, seed, "warm")
        found: dict[str, Measured] = {}
        expected: dict[int, Expected] = {}
        whole = self._expect(expected, seed, self._events)
        for variant in variants:
            take = self._events // variant.share
            must = self._expect(expected, seed, take)
            company = self._company(variant.name)
            try:
                found[variant.name] = one = throughput.measure(variant, company, warm, events[:take], must)
                _tell(variant.name, one)
            except Failed as error:
                print(error, flush=True)
            finally:
                self._forget(company.generation)
                company.close()
        for must in expected.values():
            self._forget(must.generation)
        return Repeat(whole, found)

    def profile(self, seed: int, variant: Variant) -> str:
        """The same events once more, with a look at what the process does."""
        expected = self._expect({}, seed, self._events)
        company = self._company(f"{variant.name}-profile")
        raw = company.folder / "samples"
        throughput.measure(
            variant,
            company,
            encoded(WARM_EVENTS, seed, "warm"),
            encoded(self._events, seed),
            expected,
            watched=lambda pid: profiling.sampled(pid, raw),
        )
        company.close()
        return profiling.told(raw, f"{variant.name}, {variant.what}")

    def _expect(self, known: dict[int, Expected], seed: int, take: int) -> Expected:
        if take not in known:
            company = self._company("core")
            known[take] = one = throughput.core(company, self._events, seed, take)
            company.close()
            print(f"{'core':8} {one.events / one.seconds:8,.0f} events/s", flush=True)
        return known[take]

    def _company(self, name: str) -> Company:
        self._made += 1
        folder = self._folder / f"{self._made}-{name}"
        folder.mkdir()
        company = Company(self._broker, self._clickhouse, folder)
        company.environment["FUNNELWATCH_SESSION_TIMEOUT"] = "30s"  # no rebalance because others keep the machine busy
        return company

    def _forget(self, generation: int) -> None:
        client = self._clickhouse.client()
        forget(client, generation)
        client.close()


def _tell(name: str, one: Measured) -> None:
    wrong = "" if one.rows.same else f"  {one.rows}"
    print(f"{name:8} {one.rate:8,.0f} events/s, {one.memory_mb:,.0f} MB{wrong}", flush=True)


def _chosen(names: str) -> list[Variant]:
    found = []
    for name in names.split(","):
        if name not in VARIANTS:
            raise SystemExit(f"--only {name}: no such variant, there are {', '.join(VARIANTS)}")
        if VARIANTS[name].there:
            found.append(VARIANTS[name])
        else:
            print(f"{name}: left out, {VARIANTS[name].command[0]} is missing; `make bench` makes it", flush=True)
    return found


def _other(name: str, *arguments: object) -> dict[str, Any]:
    """What tests.bench.NAME measures, on servers that have nothing else to clean up."""
    print(f"{name} …", flush=True)
    with servers() as started:
        found: dict[str, Any] = import_module(f"tests.bench.{name}").measure(*started, *arguments)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=60_000, help="stock Faust gets a sixth of them")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default=",".join(VARIANTS), help="these variants, with commas between")
    parser.add_argument("--parts", default=",".join(PARTS), help="of these parts, with commas between")
    parser.add_argument("--profile", action="store_true", help="only: where the time of worker and bare loop goes")
    given = parser.parse_args()
    if unknown := set(given.parts.split(",")) - set(PARTS):
        parser.error(f"--parts {', '.join(unknown)}: there are {', '.join(PARTS)}")
    return given


def main() -> None:
    given = _arguments()
    variants, parts = _chosen(given.only), given.parts.split(",")
    if given.profile:
        with _bench(given.events) as bench:
            _profile(bench)
        return
    repeats: list[Repeat] = []
    if "throughput" in parts:
        with _bench(given.events) as bench:
            # there and back again, so that what changes in the meantime is nobody's advantage
            repeats = [bench.repeat(number, variants[:: -1 if number % 2 else 1]) for number in range(given.repeats)]
    workers = [one.variants["worker"].rate for one in repeats if "worker" in one.variants]
    others: dict[str, Any] = {}
    found = results.write(repeats, given.events, others)
    for part in parts:
        sustained = [statistics.median(workers)] if part == "freshness" and workers else []
        if part != "throughput" and (part != "freshness" or workers):
            others[part] = _other(part, *sustained)
            found = results.write(repeats, given.events, others)
    if any(one["met"] is False for one in found["goals"]):
        with _bench(given.events) as bench:
            _profile(bench)
    print(f"\n{results.markdown(found)}\n{results.FOLDER}/results.json, results.md")


@contextmanager
def _bench(events: int) -> Iterator[Bench]:
    with servers() as (kafka, clickhouse, folder):
        yield Bench(TestBroker(kafka.bootstrap_servers, True, kafka), clickhouse, folder, events)


def _profile(bench: Bench) -> None:
    results.FOLDER.mkdir(exist_ok=True)
    path = results.FOLDER / "profile.txt"
    path.write_text("\n".join(bench.profile(0, VARIANTS[name]) for name in PROFILED))
    print(f"where the time goes: {path}")


if __name__ == "__main__":
    main()
