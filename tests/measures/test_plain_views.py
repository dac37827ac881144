"""Each measure as of now, by the boards' clock and over all time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from sinks.clock import reset_clock, set_clock
from sinks.reader import BoardsReader
from tests.support.clickhouse import LocalClickHouse
from tests.support.made import Made, day, micros

pytestmark = pytest.mark.slow
MEASURES = [
    "marketing_share",
    "quantity",
    "nurture_effect",
    "cost_per_step",
    "origin_compare",
    "size_mix",
    "prospecting",
    "coverage",
    "money_at_risk",
]
NOW = "2026-03-20 12:00"


@pytest.fixture
def company(made: Made, clickhouse: LocalClickHouse) -> Iterator[Made]:
    """Something for each measure, at `NOW`, and as much after it."""
    client = clickhouse.client()
    set_clock(client, 0, micros(NOW), 0.0)
    march = {"first_day": day("2026-03-01"), "last_day": day("2026-03-31")}
    of_any = {"region": "", "industry": "", "stage": "mql", "origin": ""}
    made.load("targets", march | of_any | {"leads": 10}, months=["2026-03-01"])
    spent = {"channel": "email", "campaign": "", "amount": 31.0, "currency": "EUR"}
    made.load("spend", march | spent, months=["2026-03-01"])
    account = {"account": "acme", "name": "Acme", "division": "", "committee_role": "", "committee_size": None}
    made.load("target_accounts", account)
    for lead, on in (("L1", "2026-03-02"), ("L2", "2026-03-25")):
        made.lead(lead, on, account="acme", channel="email", origin="marketing")
        made.entry(lead, "mql", on)
        made.entry(lead, "opportunity", on)
        made.deal(lead, f"D {lead}", on, amount=10.0, currency="EUR", origin="marketing")
        made.owed(lead, on, on)
    yield made
    reset_clock(client)
    client.close()


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_is_as_of_the_boards_clock(company: Made, measure: str) -> None:
    rows = company.query(f"SELECT * FROM boards.{measure}")
    assert {row.pop("as_of") for row in rows} == {datetime(2026, 3, 20, 12, tzinfo=UTC)}
    assert rows == company.ask(measure, NOW, "1970-01-01", "2100-01-01")
    assert rows != company.ask(measure, "2026-03-26", "1970-01-01", "2100-01-01")


@pytest.mark.parametrize("measure", MEASURES)
def test_of_nothing_a_measure_says_nothing(made: Made, measure: str) -> None:
    assert made.ask(measure) == []


@pytest.mark.parametrize("measure", MEASURES)
def test_a_reader_of_the_boards_may_ask(company: Made, clickhouse: LocalClickHouse, measure: str) -> None:
    rows = company.query(f"SELECT * FROM boards.{measure}")
    reader = BoardsReader(clickhouse.boards_url)
    assert len(reader.query(f"SELECT * FROM boards.{measure}").rows) == len(rows) > 0
    for join_use_nulls in ("0", "1"):
        client = clickhouse.client()
        asked = client.query(f"SELECT * FROM boards.{measure}", settings={"join_use_nulls": join_use_nulls})
        assert [row | {"as_of": 0} for row in asked.named_results()] == [row | {"as_of": 0} for row in rows]
        client.close()
    reader.close()
