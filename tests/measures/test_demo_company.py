"""The views against the oracle on the simulated company of the demo, told to the whole flow: 50,000 events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

import pytest

from deploy.demo import simulate
from sinks.client import Client
from streams.model import DAY, Micros
from tests.measures.companies import Rows, times_in
from tests.measures.engine import ALWAYS, differences, own_client, shown
from tests.measures.oracle.company import Company
from tests.measures.oracle.words import day
from tests.measures.reference import reference_of
from tests.measures.table import MEASURES
from tests.support.in_memory import TOPICS, Funnel, codec, definition

pytestmark = pytest.mark.slow

START = 20_089 * DAY  # 2025-01-01
DAYS, SIZE = 480, 0.35  # a small company, long enough for what takes twelve months
TIMES: dict[str, Micros] = {
    "quarter": START + DAYS * DAY // 4,
    "middle": START + DAYS * DAY // 2 + 1,
    "end": START + DAYS * DAY,
}


@pytest.fixture(scope="module")
def rows() -> Rows:
    funnel = Funnel()
    funnel.take(
        (getattr(TOPICS, message.topic), message.key, codec().encode(f"events/{message.topic}", message.record))
        for message in simulate(7, START, START + DAYS * DAY, SIZE)
        if message.record and not message.fault
    )
    return {(table, key): values for (table, *names), values in funnel.rows.items() if values for key in [tuple(names)]}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with own_client(tmp_path_factory.mktemp("clickhouse")) as client:
        yield client


@pytest.fixture(scope="module")
def company(client: Client, rows: Rows) -> Iterator[Company]:
    accounts = sorted({values["account"] for (table, _), values in rows.items() if table == "leads"} - {""})
    luck = Random(4)
    days = [day(time) for time in times_in(rows)]
    with shown(client, definition(), rows, reference_of(luck, luck.sample(accounts, 12), days)) as company:
        yield company


@pytest.mark.parametrize("at", TIMES)
def test_views_and_oracle_agree(client: Client, company: Company, at: str) -> None:
    found = differences(client, company, list(MEASURES), TIMES[at], ALWAYS)
    found += differences(client, company, list(MEASURES), TIMES[at], (date(2025, 3, 1), date(2025, 10, 1)))
    assert not found, "\n".join(found[:40])


@pytest.mark.usefixtures("company")
def test_the_channel_with_the_cheapest_customers_comes_first(client: Client) -> None:
    """Then those that cost most without any."""
    rows = list(client.query("SELECT * FROM boards.cost_per_step").named_results())
    order = [(row["cost_per_customer"] is None, row["cost_per_customer"] or 0, -(row["spend"] or 0)) for row in rows]
    assert len(rows) > 3
    assert order == sorted(order)
