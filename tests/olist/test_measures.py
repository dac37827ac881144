"""The measures on real input, beside figures that polars computes from the files.

Olist says when a lead came and from where, when it was won and how large the seller is. It says nothing of spend, so
that is made up here; nor of what marketing did, so every origin is unknown, and the channel is what marketing claims.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
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


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data" / "olist"


@pytest.fixture(scope="module")
def sellers(folder: Path) -> pl.DataFrame:
    """A row each: came, won, channel, size, began (day), days from the first contact to the win (null: won before)."""
    leads = pl.read_csv(folder / FILES[0], infer_schema=False)
    closed = pl.read_csv(folder / FILES[1], infer_schema=False)
    kind = pl.col("lead_type").str.split(" ")
    size = (
        pl.when(kind.list.first() == "online")
        .then(kind.list.last().replace_strict(SIZES, default=""))
        .otherwise(pl.lit(""))
    )
    return (
        leads.join(closed, on="mql_id", how="left")
        .select(
            came=pl.col("first_contact_date").str.to_datetime("%Y-%m-%d"),
            won=pl.col("won_date").str.to_datetime("%Y-%m-%d %H:%M:%S"),
            channel=pl.col("origin").fill_null("").str.replace_all(" ", "_"),
            size=size.fill_null(""),
        )
        .with_columns(
            began=pl.min_horizontal("came", "won").dt.date(),
            days=pl.when(pl.col("won") >= pl.col("came")).then(
                (pl.col("won") - pl.col("came")).dt.total_microseconds() / 86_400_000_000
            ),
        )
    )


def there(sellers: pl.DataFrame, at: str) -> pl.DataFrame:
    """Those known by then, with `is_won`."""
    by = datetime.fromisoformat(at)
    with_won = sellers.with_columns(is_won=(pl.col("won") <= by).fill_null(value=False))
    return with_won.filter((pl.col("came") <= by) | pl.col("is_won"))


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
def test_leads_and_customers_per_channel_and_month(olist: Made, sellers: pl.DataFrame, at: str) -> None:
    counted = (
        there(sellers, at)
        .group_by("channel", month=pl.col("began").dt.truncate("1mo"))
        .agg(leads=pl.len(), customers=pl.col("is_won").sum())
    )
    rows = olist.query(
        "SELECT channel, month, sum(leads) AS leads, sum(customers) AS customers"
        " FROM boards.closed_loop_as_of(at = {at:DateTime64(6, 'UTC')}) GROUP BY channel, month",
        at=f"{at} 00:00:00.000000",
    )
    found = {(row["channel"], row["month"], row["leads"], row["customers"]) for row in rows}
    assert found == set(counted.select("channel", "month", "leads", "customers").rows())
    assert at != MOMENTS[-1] or counted["leads"].sum() == 8000


@pytest.mark.parametrize("at", MOMENTS)
def test_size_mix(olist: Made, sellers: pl.DataFrame, at: str) -> None:
    counted = there(sellers, at).group_by("began", "size").agg(leads=pl.len(), customers=pl.col("is_won").sum())
    rows = olist.ask("size_mix", at)
    assert {row["origin"] for row in rows} == {"unknown"}
    found = {(row["day"], row["size_band"], row["leads"], row["customers"]) for row in rows}
    assert found == set(counted.select("began", "size", "leads", "customers").rows())


@pytest.mark.parametrize(("since", "until"), [("2017-01-01", "2020-01-01"), ("2018-01-01", "2018-04-01")])
def test_days_to_close(olist: Made, sellers: pl.DataFrame, since: str, until: str) -> None:
    won = sellers.filter(pl.col("won").dt.date().is_between(day(since), day(until), closed="left"))
    days = won["days"].drop_nulls()
    rows = olist.ask("origin_compare", "2019-01-01", since, until)
    names = ("origin", "deals", "won", "lost", "win_rate", "median_days", "kind")
    median = days.quantile(0.5, interpolation="higher")
    assert only(rows, *names) == ("unknown", len(won), len(won), 0, 1, pytest.approx(median), "unknown")
    assert since != "2017-01-01" or (len(won), len(days)) == (842, 841)  # one was won before its first contact


def test_marketings_share_is_nobodys_to_tell(olist: Made, sellers: pl.DataFrame) -> None:
    """Nothing but marketing's own word: 0 to 100 %, beside 562 claimed of 842."""
    claimed = sellers.filter(pl.col("won").is_not_null() & pl.col("channel").is_in(OF_MARKETING)).height
    names = ("n", "marketing", "unknown", "claimed_by_marketing", "claimed_by_sales", "influenced")
    assert total(olist.ask("marketing_share", "2019-01-01"), *names, of="customers") == (842, 0, 842, claimed, 0, 0)
    assert claimed == 562


def test_cost_per_customer_of_made_up_spend(olist: Made, sellers: pl.DataFrame) -> None:
    """For the first quarter of 2018, by the leads that came in it; nobody came by radio."""
    first, end = day("2018-01-01"), day("2018-04-01")
    spent = {"paid_search": 90_000.0, "organic_search": 18_000.0, "social": 45_000.0, "display": 600.0, "radio": 300.0}
    period = {"first_day": first, "last_day": end - timedelta(days=1), "campaign": "", "currency": "EUR"}
    lines = [period | {"channel": channel, "amount": amount} for channel, amount in spent.items()]
    olist.load("spend", *lines, months=["2018-01-01", "2018-02-01", "2018-03-01"])
    spend = pl.DataFrame({"channel": list(spent), "spend": list(spent.values())})
    costs = (
        sellers.filter(pl.col("began").is_between(first, end, closed="left"))
        .group_by("channel")
        .agg(leads=pl.len(), customers=pl.col("won").is_not_null().sum())
        .join(spend, on="channel", how="full", coalesce=True)
        .fill_null(0)
        .with_columns(
            per_lead=pl.when(pl.col("leads") > 0).then(pl.col("spend") / pl.col("leads")),
            per_customer=pl.when(pl.col("customers") > 0).then(pl.col("spend") / pl.col("customers")),
        )
    )
    rows = olist.ask("cost_per_step", "2019-01-01", "2018-01-01", "2018-04-01")
    names = ("leads", "customers", "spend", "cost_per_lead", "cost_per_customer")
    expected = {
        channel: [None if one is None else pytest.approx(one) for one in values] for channel, *values in costs.rows()
    }
    assert costs.columns == ["channel", "leads", "customers", "spend", "per_lead", "per_customer"]
    assert {row["channel"]: [row[name] for name in names] for row in rows} == expected
    order = [row["cost_per_customer"] for row in rows]
    assert order == sorted(order, key=lambda cost: (cost is None, cost))
    assert None in order
