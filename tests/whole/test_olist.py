"""Real input the whole way: the Olist marketing funnel through Kafka, Faust and ClickHouse, on both brokers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.company import Company

MAPPING = Path(__file__).parents[1] / "olist" / "mapping.yaml"
EXPECTED = {
    "": (60, 14),
    "direct_traffic": (499, 56),
    "display": (118, 6),
    "email": (493, 15),
    "organic_search": (2296, 271),
    "other": (150, 4),
    "other_publicities": (65, 3),
    "paid_search": (1586, 195),
    "referral": (284, 24),
    "social": (1350, 75),
    "unknown": (1099, 179),
}
WON_BEFORE_FIRST_CONTACT = "b91cf8812365f50ff4bda4bcd6206b05"


@pytest.fixture
def files(shared: Path) -> list[str]:
    folder = shared / "data" / "olist"
    return [str(folder / "marketing_qualified_leads.csv"), str(folder / "closed_deals.csv")]


def channels(company: Company) -> dict[str, tuple[int, int]]:
    rows = company.query("SELECT channel, count(), countIf(stage = 'customer') FROM boards.leads GROUP BY channel")
    return {channel: (leads, won) for channel, leads, won in rows}


def test_the_figures_come_out_although_the_worker_is_killed(company: Company, files: list[str]) -> None:
    company.start_worker()
    loading = company.spawn("load", *files, "--mapping", str(MAPPING), "--wait")
    company.wait(lambda: company.query("SELECT count() FROM boards.leads")[0][0] > 500, "the first leads")
    company.kill_worker()
    some = company.query("SELECT count() FROM boards.leads")[0][0]
    assert some < 8_000, "the worker was not killed in the middle"
    company.start_worker()
    assert loading.wait(120) == 0, (company.folder / "load.log").read_text()
    assert channels(company) == EXPECTED
    assert company.query("SELECT count() FROM boards.rejects") == [(0,)]

    again = company.run("load", *files, "--mapping", str(MAPPING), "--wait")
    assert "0 rows rejected" in again.stdout
    assert channels(company) == EXPECTED, "loading twice changed something"

    (deal,) = company.query(
        "SELECT status, before_first_contact, days_to_close FROM boards.deals WHERE before_first_contact = 1"
    )
    assert deal == ("won", 1, None)
    told = company.run("explain", WON_BEFORE_FIRST_CONTACT).stdout
    assert "before the first contact" in told
    assert company.query("SELECT count() FROM boards.deals WHERE days_to_close < 0") == [(0,)]
