"""The measures on real input, beside figures that plain loops over the files come to.

Olist says when a lead came and from where, when it was won and how large the seller is. It says nothing of spend, so
that is made up here; nor of what marketing did, so every origin is unknown, and the channel is what marketing claims.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median_high

import pytest

from sinks.writer import Batch, Writer
from streams.sources.mapping import MappedEvent, events, load_mapping
from tests.sinks.conftest import generations
from tests.support.clickhouse import LocalClickHouse
from tests.support.in_memory import TOPICS, Funnel, codec
from tests.support.made import Made, day, only, showing, total

pytestmark = pytest.mark.slow

FILES = ("marketing_qualified_leads.csv", "closed_deals.csv")
MAPPING = Path(__file__).parent / "mapping.yaml"
SIZES = {"beginner": "small", "small": "small", "medium": "mid", "big": "enterprise", "top": "enterprise"}
OF_MARKETING = ("organic_search", "paid_search", "social", "email", "display")  # channels that the files claim
MOMENTS = ["2018-02-15", "2019-01-01"]


@dataclass(frozen=True)
class Seller:
    came: datetime
    channel: str
    won: datetime | None
    size: str

    @property
    def began(self) -> date:
        return (min(self.came, self.won) if self.won else self.came).date()

    @property
    def days(self) -> float | None:
        """From the first contact to the win; None where that came first."""
        return None if self.won is None or self.won < self.came else (self.won - self.came) / timedelta(days=1)

    def is_won(self, by: datetime) -> bool:
        return self.won is not None and self.won <= by

    def is_there(self, by: datetime) -> bool:
        return self.came <= by or self.is_won(by)


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data" / "olist"


@pytest.fixture(scope="module")
def sellers(folder: Path) -> list[Seller]:
    with (folder / FILES[1]).open() as file:
        closed = {row["mql_id"]: row for row in csv.DictReader(file)}
    with (folder / FILES[0]).open() as file:
        return [_seller(row, closed.get(row["mql_id"])) for row in csv.DictReader(file)]


def _seller(lead: dict[str, str], closed: dict[str, str] | None) -> Seller:
    kind, _, size = (closed["lead_type"] if closed else "").partition(" ")
    return Seller(
        datetime.fromisoformat(lead["first_contact_date"]),
        lead["origin"].replace(" ", "_"),
        datetime.fromisoformat(closed["won_date"]) if closed else None,
        SIZES[size] if kind == "online" else "",
    )


@pytest.fixture(scope="module")
def loaded(clickhouse: LocalClickHouse, folder: Path) -> int:
    """The generation with the rows that the whole flow makes of the files."""
    funnel, batch, generation = Funnel(), Batch(), next(generations)
    mapping = load_mapping(MAPPING)
    for name in FILES:
        for one in events(mapping, folder / name):
            assert isinstance(one, MappedEvent)
            topic = getattr(TOPICS, one.topic)
            funnel.take([(topic, one.key, codec().encode(f"events/{one.topic}", one.record))])
    assert not funnel.rejects
    for (table, *key), columns in funnel.rows.items():
        batch.add(table, tuple(key), columns, 1, 1)
    with closing(clickhouse.client()) as client:
        Writer(client, generation).write(batch)
    return generation


@pytest.fixture
def olist(clickhouse: LocalClickHouse, loaded: int) -> Iterator[Made]:
    with showing(clickhouse, loaded) as company:
        yield company


@pytest.mark.parametrize("at", MOMENTS)
def test_leads_and_customers_per_channel_and_month(olist: Made, sellers: list[Seller], at: str) -> None:
    by, expected = datetime.fromisoformat(at), defaultdict[tuple[str, date], Counter[str]](Counter)
    for seller in sellers:
        if seller.is_there(by):
            counts = expected[seller.channel, seller.began.replace(day=1)]
            counts.update(leads=1, customers=seller.is_won(by))
    rows = olist.query(
        "SELECT channel, month, sum(leads) AS leads, sum(customers) AS customers"
        " FROM boards.closed_loop_as_of(at = {at:DateTime64(6, 'UTC')}) GROUP BY channel, month",
        at=f"{at} 00:00:00.000000",
    )
    found = {(row["channel"], row["month"]): {"leads": row["leads"], "customers": row["customers"]} for row in rows}
    assert found == expected
    assert at != MOMENTS[-1] or sum(counts["leads"] for counts in expected.values()) == 8000


@pytest.mark.parametrize("at", MOMENTS)
def test_size_mix(olist: Made, sellers: list[Seller], at: str) -> None:
    by, expected = datetime.fromisoformat(at), defaultdict[tuple[date, str], Counter[str]](Counter)
    for seller in sellers:
        if seller.is_there(by):
            expected[seller.began, seller.size].update(leads=1, customers=seller.is_won(by))
    rows = olist.ask("size_mix", at)
    assert {row["origin"] for row in rows} == {"unknown"}
    found = {(row["day"], row["size_band"]): {"leads": row["leads"], "customers": row["customers"]} for row in rows}
    assert found == expected


@pytest.mark.parametrize(("since", "until"), [("2017-01-01", "2020-01-01"), ("2018-01-01", "2018-04-01")])
def test_days_to_close(olist: Made, sellers: list[Seller], since: str, until: str) -> None:
    chosen = [seller for seller in sellers if seller.won and day(since) <= seller.won.date() < day(until)]
    days = [seller.days for seller in chosen if seller.days is not None]
    rows = olist.ask("origin_compare", "2019-01-01", since, until)
    names = ("origin", "deals", "won", "lost", "win_rate", "median_days", "kind")
    assert only(rows, *names) == (
        *("unknown", len(chosen), len(chosen), 0, 1),
        *(pytest.approx(median_high(days)), "unknown"),
    )
    assert since != "2017-01-01" or (len(chosen), len(days)) == (842, 841)  # one was won before its first contact


def test_marketings_share_is_nobodys_to_tell(olist: Made, sellers: list[Seller]) -> None:
    """Nothing but marketing's own word: 0 to 100 %, beside 562 claimed of 842."""
    claimed = sum(seller.won is not None and seller.channel in OF_MARKETING for seller in sellers)
    names = ("n", "marketing", "unknown", "claimed_by_marketing", "claimed_by_sales", "influenced")
    assert total(olist.ask("marketing_share", "2019-01-01"), *names, of="customers") == (842, 0, 842, claimed, 0, 0)
    assert claimed == 562


def test_cost_per_customer_of_made_up_spend(olist: Made, sellers: list[Seller]) -> None:
    """For the first quarter of 2018, by the leads that came in it; nobody came by radio."""
    first, end = day("2018-01-01"), day("2018-04-01")
    spent = {"paid_search": 90_000.0, "organic_search": 18_000.0, "social": 45_000.0, "display": 600.0, "radio": 300.0}
    period = {"first_day": first, "last_day": end - timedelta(days=1), "campaign": "", "currency": "EUR"}
    lines = [period | {"channel": channel, "amount": amount} for channel, amount in spent.items()]
    olist.load("spend", *lines, months=["2018-01-01", "2018-02-01", "2018-03-01"])
    leads, customers = Counter[str](), Counter[str]()
    for seller in sellers:
        if first <= seller.began < end:
            leads[seller.channel] += 1
            customers[seller.channel] += seller.won is not None
    rows = olist.ask("cost_per_step", "2019-01-01", "2018-01-01", "2018-04-01")
    assert {row["channel"]: (row["leads"], row["customers"]) for row in rows} == {
        channel: (leads[channel], customers[channel]) for channel in {*leads, *spent}
    }
    for row in rows:
        spend, lead_n, customer_n = spent.get(row["channel"], 0), leads[row["channel"]], customers[row["channel"]]
        assert row["spend"] == pytest.approx(spend)
        assert row["cost_per_lead"] == (pytest.approx(spend / lead_n) if lead_n else None)
        assert row["cost_per_customer"] == (pytest.approx(spend / customer_n) if customer_n else None)
    costs = [row["cost_per_customer"] for row in rows]
    assert costs == sorted(costs, key=lambda cost: (cost is None, cost))
    assert None in costs
