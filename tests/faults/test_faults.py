"""The matrix in small, as part of every check; the whole of it: `make test-faults`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.faults.cases import Case
from tests.faults.catalogue import together
from tests.faults.matrix import Matrix
from tests.support.clickhouse import LocalClickHouse
from tests.support.kafka import TestBroker
from tests.support.skips import lacking

EVENTS = 5_000
PLAYED = (
    together("workers", "killed", "failpoints", "several"),
    together("others", "answers", "rebalance", "broker killed"),
)


@pytest.fixture(scope="module")
def matrix(
    kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Matrix]:
    if kafka.server is None:
        lacking("a broker of our own, that can be killed")
    with closing(Matrix(kafka, clickhouse, tmp_path_factory.mktemp("faults"), 0, EVENTS, seed=1)) as made:
        yield made


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", PLAYED, ids=lambda case: case.name)
def test_the_rows_are_those_of_an_undisturbed_run(matrix: Matrix, case: Case) -> None:
    outcome = matrix.play(case, "short")
    assert not outcome.says, "\n".join(outcome.says)
