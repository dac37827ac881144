"""Whatever dies, every event is in the tables once: faults on a real Kafka with real workers, and what came of each.

    python -m tests.faults [--events N] [--only CASE]... [--seed N] [--short]      (`make test-faults`)

Each case has a generation of its own and is compared, row by row, with an undisturbed run of the same events. Ends
with 1 if anything is wrong and says which rows differ. The table is written to .bench/faults.md.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.faults.cases import Case, Size
from tests.faults.catalogue import CASES
from tests.faults.matrix import Matrix, Outcome
from tests.support.apache_kafka import ApacheKafka
from tests.support.clickhouse import running_clickhouse
from tests.support.kafka import TestBroker

TABLE = Path(".bench") / "faults.md"
HEAD = "| case | what was done | times | events | lost | doubled | wrong rows | rejects exact | restarts | caught up |"


def row(one: Outcome) -> str:
    failed = " **wrong**" if one.says else ""
    return (
        f"| {one.case.name}{failed} | {one.case.done} | {one.times} | {one.events:,} | {one.lost} | {one.doubled}"
        f" | {one.wrong} | {'yes' if one.rejects_exact else 'no'} | {one.restarts} | {one.catch_up:.0f} s |"
    )


def played(matrix: Matrix, cases: Sequence[Case], size: Size) -> list[Outcome]:
    outcomes: list[Outcome] = []
    began, planned = time.monotonic(), sum(case.seconds for case in cases)
    for number, case in enumerate(cases, 1):
        print(f"[{number}/{len(cases)}] {case.name}: {case.done} ...", flush=True)
        one = matrix.play(case, size)
        outcomes.append(one)
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text("\n".join([HEAD, "|---" * HEAD.count(" |") + "|", *map(row, outcomes)]) + "\n")
        left = sum(each.seconds for each in cases[number:]) / planned
        minutes = left * (time.monotonic() - began) / (1 - left) / 60
        said = "WRONG\n" + "\n".join(one.says) + "\n   " if one.says else "as undisturbed;"
        print(f"    {one.times} times, {one.took:.0f} s, {said} about {minutes:.0f} min left", flush=True)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000, help="of the large load; the others have a tenth")
    parser.add_argument("--only", action="append", default=[], choices=CASES, metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="as in `make test`")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left running
    folder = Path(tempfile.mkdtemp(prefix="funnelwatch-faults-"))
    cases = [CASES[name] for name in given.only] or list(CASES.values())
    kafka = ApacheKafka(folder)
    try:
        with running_clickhouse(folder / "clickhouse") as clickhouse:
            broker = TestBroker(kafka.bootstrap_servers, transactions=True, server=kafka)
            with closing(Matrix(broker, clickhouse, folder, given.events, given.events // 10, given.seed)) as matrix:
                outcomes = played(matrix, cases, "short" if given.short else "long")
    finally:
        kafka.kill()
    wrong = [one for one in outcomes if one.says]
    print(TABLE.read_text())
    if wrong:
        print(f"wrong: {', '.join(one.case.name for one in wrong)}; logs of workers and broker: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
