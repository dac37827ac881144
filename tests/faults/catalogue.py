"""Every case of the matrix, in the order in which they are played."""

from __future__ import annotations

from tests.faults import outages
from tests.faults.cases import Case, Size, failpoints, killed, recovery, several, terminated
from tests.faults.compaction import compaction
from tests.faults.deployment import Deployment

_ALL = (
    Case("killed", "kill -9 at random instants, some of them with the folder lost", killed, 260, large=True),
    Case("failpoints", "kill -9 between all steps of a flush, of each step", failpoints, 260),
    Case("recovery", "kill -9 when fenced and during recovery, the folder lost", recovery, 60),
    Case("terminated", "SIGTERM during load: ends with 0 within its grace; and kill -9 when drained", terminated, 50),
    Case("several", "of two workers one killed, one added, one stopped past its session and resumed", several, 60),
    Case("compaction", "flushes aborted after their changelog, recovery, commit, compaction, recovery", compaction, 70),
    Case("clickhouse", "ClickHouse killed and away", outages.clickhouse, 90),
    Case("rebalance", "the same, and a worker joins and dies meanwhile", outages.clickhouse_and_rebalance, 100),
    Case("answers", "connection cut after an insert was executed", outages.answers_cut, 60),
    Case("slow", "inserts that take seconds", outages.slow_inserts, 100),
    Case("broker stopped", "the broker stopped, started 10 s later", outages.broker_stopped, 60),
    Case("broker killed", "kill -9 of the broker, started 10 s later", outages.broker_killed, 60),
    Case("registry", "the schema registry away at start and meanwhile", outages.registry, 50, registry=True),
)
CASES: dict[str, Case] = {case.name: case for case in _ALL}


def together(name: str, *names: str) -> Case:
    """Cases that are played one after the other on one load."""

    def play(on: Deployment, size: Size) -> None:
        on.scale = 1 / len(names)
        for number, each in enumerate(names):
            if number:
                on.kill_all()
            CASES[each].play(on, size)

    return Case(name, "; ".join(CASES[each].done for each in names), play)
