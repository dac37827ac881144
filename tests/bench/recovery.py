"""How long does a worker take to get its states back from the changelogs alone, and how long does stock Faust?

    python -m tests.bench.recovery [--leads N N ...]

The state folder is gone, the changelogs hold so many leads of a few events each. Counted is from the moment when the
worker has its partitions until the rows of events of known leads, which waited meanwhile, stand in the boards' views,
merged with what was recovered. Stock Faust has the same tables, changelogs and store; it counts from the same moment
until it says that it is done.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random
from signal import SIGCONT
from typing import Any

from streams.worker.failpoints import VARIABLE
from tests.bench.flat import SIZES, touched
from tests.bench.people import call, crm, form, names
from tests.bench.pinned import Kafka, Pinned, servers, worker
from tests.bench.seeds import DEADLINE, LATER, Seeded, people, seeded, send, until
from tests.support.clickhouse import LocalClickHouse
from tests.support.kafka import create_topics

LEADS = (100_000, 1_000_000)
_PROBES = 30


def measure(
    kafka: Kafka, clickhouse: LocalClickHouse, folder: Path, leads: Sequence[int] = LEADS, stock: int = LEADS[0]
) -> dict[str, Any]:
    """By number of leads: seconds until the first rows, until every link is folded again, records a second and memory;
    `stock`: the same of stock Faust for the size `stock`; `ratio_records_per_s`, `ratio_records_per_cpu_s`: ours by
    those of stock Faust, by the clock and by processor time, which others on the machine do not blur."""
    found: dict[str, Any] = {}
    for count in leads:
        ready = seeded(kafka, clickhouse, folder, count, exact=touched(count) if count in SIZES else ())
        if count == stock:  # first: ours leaves the marker of a transaction at the end, which it waits for in vain
            found["stock"] = _stock(ready)
        found[str(count)] = _ours(ready)
    if "stock" in found:
        for name in ("records_per_s", "records_per_cpu_s"):
            found[f"ratio_{name}"] = found[str(stock)][name] / found["stock"][name]
    return found


def _ours(ready: Seeded) -> dict[str, float]:
    company = ready.company
    ready.forget_store()
    numbers = Random(1).sample(range(ready.leads), min(_PROBES, ready.leads))
    stranger = next(ready.strangers)
    send(company, [
        *(call(names(number), "probe", LATER) for number in numbers),
        form(stranger, "form", LATER, "new"),
        crm(stranger, "made", LATER, type="lead_created", status="New"),
    ])  # fmt: skip
    merged = " OR ".join(
        f"lead_id = '{names(number).lead}' AND events = {people().events(number) + 1}" for number in numbers
    )
    known = f"SELECT count() FROM boards.lead_details WHERE {merged}"
    linked = f"SELECT count() FROM boards.identity_links WHERE a = 'crm_lead:{stranger.record}'"
    company.environment[VARIABLE] = "worker:fenced:1:STOP"
    with worker(company) as running:
        del company.environment[VARIABLE]
        running.wait_stopped()
        cpu, began = running.cpu(), running.seconds()
        running.process.send_signal(SIGCONT)
        recovered = until(running, company, "the events of known leads", known, len(numbers))
        cpu = running.cpu() - cpu
        resolved = until(running, company, "the link that waits for all others", linked, 1)
        memory = running.memory()
    took = recovered - began
    return {
        "records": ready.records,
        "recovery_s": took,
        "records_per_s": ready.records / took,
        "records_per_cpu_s": ready.records / cpu,
        "links_folded_s": resolved - began,
        "memory_mb": memory["now"] / 1e6,
        "memory_most_mb": memory["most"] / 1e6,
    }


def _stock(ready: Seeded) -> dict[str, float]:
    company, folder = ready.company, ready.company.folder / "stock"
    create_topics(company.broker, f"{ready.app_id}.stock")
    arguments = ["tests.bench.stock_recovery", company.broker.bootstrap_servers, ready.app_id, str(folder)]
    running = Pinned(company, arguments, company.folder / "stock.log")
    try:
        running.process.wait(DEADLINE)
    finally:
        running.end()
    shutil.rmtree(folder, ignore_errors=True)
    if running.process.returncode:
        raise SystemExit(f"stock Faust ended with {running.process.returncode}\n{running.log()}")
    took = json.loads(running.log().splitlines()[-1])
    return {
        "records": ready.records,
        "recovery_s": took["seconds"],
        "records_per_s": ready.records / took["seconds"],
        "records_per_cpu_s": ready.records / took["processor_seconds"],
    }


def table(found: dict[str, Any]) -> str:
    """What `measure` found, for people."""
    lines = []
    for name, one in found.items():
        if not name.startswith("ratio"):
            lines.append(
                f"{name:>9}: {one['records']:>9,} records in {one['recovery_s']:6.1f} s,"
                f" {one['records_per_s']:8,.0f} a second, {one['records_per_cpu_s']:8,.0f} a second of processor"
                + (
                    f"; {one['memory_mb']:,.0f} MB; links folded after {one['links_folded_s']:.1f} s"
                    if "memory_mb" in one
                    else ""
                )
            )
    if "stock" in found:
        ratios = found["ratio_records_per_s"], found["ratio_records_per_cpu_s"]
        lines.append(f"ours / stock, records a second: {ratios[0]:.1f}, a second of processor: {ratios[1]:.1f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leads", type=int, nargs="+", default=list(LEADS))
    given = parser.parse_args()
    with servers() as (kafka, clickhouse, folder):
        print(table(measure(kafka, clickhouse, folder, given.leads, given.leads[0])))


if __name__ == "__main__":
    main()
