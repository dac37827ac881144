"""How fast is the worker on one core, beside a bare confluent-kafka loop over the same topics, steps and tables?

    python -m tests.bench [--events N] [--repeats N]       (`make bench`)

Both run on one real Apache Kafka and one ClickHouse on the other core, pinned to the same core, one after the other,
on the same events: 80 % web (95 % of it by visitors never identified), 5 % form, 15 % CRM. The loop runs the same
domain functions with its states in a dict; it has no guarantee at all: what it is killed with is lost.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.events import produce_mix
from tests.support.apache_kafka import ApacheKafka
from tests.support.clickhouse import running_clickhouse
from tests.support.company import Company
from tests.support.kafka import TestBroker

WORKER_CORE, OTHERS_CORE = 0, 1
STILL, DEADLINE = 6.0, 600.0  # seconds without a new row that mean the end; most that a run may take


def pinned(core: int) -> list[str]:
    return ["taskset", "-c", str(core)]


def measure(company: Company, command: list[str], events: int) -> float:
    """Events per second between the first row written and the last, so without the start of the process."""
    process = subprocess.Popen([*pinned(WORKER_CORE), *command], env={**os.environ, **company.environment})
    try:
        first, last = _written(company)
        deadline = time.monotonic() + DEADLINE
        still_since = time.monotonic()
        while first == 0 or time.monotonic() - still_since < STILL:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command}: ended with {process.returncode} or was not done in {DEADLINE:g} s")
            time.sleep(0.2)
            before, (first, last) = last, _written(company)
            if last != before:
                still_since = time.monotonic()
        return events / ((last - first) / 1000)
    finally:
        process.terminate()
        process.wait(60)


def _written(company: Company) -> tuple[int, int]:
    """When the first and the last row were written, milliseconds; 0 before there is one."""
    tables = " UNION ALL ".join(
        f"SELECT min(written_at) AS a, max(written_at) AS b, count() AS n FROM facts.{table}"
        f" WHERE generation = {company.generation}"
        for table in ("visits", "lead_events", "obligations")
    )
    sql = f"SELECT toUnixTimestamp64Milli(min(a)), toUnixTimestamp64Milli(max(b)) FROM ({tables}) WHERE n > 0"
    first, last = company.ask(sql)[0]
    return int(first), int(last)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    os.sched_setaffinity(0, {OTHERS_CORE})
    folder = Path(tempfile.mkdtemp())
    kafka = ApacheKafka(folder)
    rates: dict[str, list[float]] = {"worker": [], "bare loop": []}
    try:
        with running_clickhouse(folder / "clickhouse") as clickhouse:
            for repeat in range(given.repeats):
                for name, module in (("bare loop", "tests.bench.bare_loop"), ("worker", "deploy.cli")):
                    own = folder / f"{repeat}-{module}"
                    own.mkdir()
                    company = Company(TestBroker(kafka.bootstrap_servers, True, kafka), clickhouse, own)
                    produce_mix(company, given.events, seed=repeat)
                    arguments = ["worker"] if name == "worker" else []
                    rate = measure(company, [sys.executable, "-m", module, *arguments], given.events)
                    rates[name].append(rate)
                    print(f"{name:10} {rate:10,.0f} events/s", flush=True)
                    company.close()
    finally:
        kafka.kill()
    ratios = [worker / bare for worker, bare in zip(rates["worker"], rates["bare loop"], strict=True)]
    for name, found in rates.items():
        print(f"{name:10} median {statistics.median(found):,.0f} events/s ({min(found):,.0f} to {max(found):,.0f})")
    print(f"worker / bare loop: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
