"""One reporting currency, on the real engine: never a guess, never silently 1."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sinks.live import live_generation
from sinks.writer import Batch, Writer
from tests.reference.loading import Company
from tests.sinks.rows import values

pytestmark = pytest.mark.slow
SPEND = "channel,from,to,amount,currency"
RATES = ("currency,from,rate", "EUR,2026-01-01,1", "USD,2026-03-01,0.9", "USD,2026-03-16,0.8")


def micros(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**6


def deals(company: Company, *deals: tuple[str, float, str, str, str | None]) -> None:
    """Id, amount, currency, when made, when closed."""
    generation, batch = live_generation(company.client), Batch()
    assert generation is not None
    for deal_id, amount, currency, made, closed in deals:
        row = values(
            "deals",
            amount=amount,
            currency=currency,
            created_at=micros(made),
            closed_at=closed and micros(closed),
        )
        batch.add("deals", (f"L{deal_id}", deal_id), row, 1, micros(made))
    Writer(company.client, generation).write(batch)


def test_each_day_is_converted_at_its_own_rate(company: Company) -> None:
    company.load("rates", *RATES)
    company.load("spend", SPEND, "email,2026-03-15,2026-03-18,400,USD", "email,2026-03-15,2026-03-18,40,EUR")
    assert company.ask("SELECT day, amount, amount_reporting FROM boards.spend_daily ORDER BY currency, day") == [
        *((date(2026, 3, day), 10, 10) for day in range(15, 19)),
        (date(2026, 3, 15), 100, 90),
        *((date(2026, 3, day), 100, 80) for day in range(16, 19)),
    ]
    assert company.ask(
        "SELECT currency, amount, amount_reporting, reporting_currency, problem FROM boards.spend ORDER BY currency"
    ) == [("EUR", 40, 40, "EUR", ""), ("USD", 400, pytest.approx(330), "EUR", "")]


def test_what_has_no_rate_on_a_day_is_null_and_counted(company: Company) -> None:
    company.load("rates", *RATES)
    lines = [
        "email,2026-02-28,2026-03-01,2,USD",
        "event,2026-03-01,2026-03-01,5,CHF",
        "social,2020-01-01,2020-01-01,7,EUR",
    ]
    company.load("spend", SPEND, *lines, "email,2026-04-01,2026-04-01,0,CHF")
    assert company.ask("SELECT currency, amount_reporting, problem FROM boards.spend_daily ORDER BY currency, day") == [
        ("CHF", None, "no rate for CHF"),
        ("CHF", 0, ""),
        ("EUR", 7, ""),
        ("USD", None, "no rate for USD"),
        ("USD", pytest.approx(0.9), ""),
    ]
    assert company.ask("SELECT channel, amount_reporting, problem FROM boards.spend ORDER BY ALL") == [
        ("email", 0, ""),
        ("email", None, "no rate for USD"),
        ("event", None, "no rate for CHF"),
        ("social", 7, ""),
    ]
    deals(company, ("d1", 10, "CHF", "2026-05-01", None), ("d2", 10, "", "2026-05-02", None))
    assert company.ask("SELECT * FROM boards.missing_rates ORDER BY kind, currency") == [
        ("deals", "", 1, date(2026, 5, 2), date(2026, 5, 2)),
        ("deals", "CHF", 1, date(2026, 5, 1), date(2026, 5, 1)),
        ("spend", "CHF", 1, date(2026, 3, 1), date(2026, 3, 1)),
        ("spend", "USD", 1, date(2026, 2, 28), date(2026, 3, 1)),
    ]


def test_deals_are_converted_when_closed_else_when_made(company: Company) -> None:
    company.load("rates", *RATES)
    deals(
        company,
        ("open", 100, "USD", "2026-03-15T23:59:59", None),
        ("won", 100, "USD", "2026-03-15", "2026-03-16"),
        ("early", 100, "USD", "2026-02-28", None),
        ("euro", 100, "EUR", "2019-01-01", None),
        ("unknown", 100, "", "2026-03-15", None),
        ("nothing", 0, "", "2026-03-15", None),
    )
    columns = "deal_id, lead_id, amount_reporting, reporting_currency, problem"
    assert company.ask(f"SELECT {columns} FROM boards.deals_reporting ORDER BY ALL") == [
        ("early", "Learly", None, "EUR", "no rate for USD"),
        ("euro", "Leuro", 100, "EUR", ""),
        ("nothing", "Lnothing", 0, "EUR", ""),
        ("open", "Lopen", pytest.approx(90), "EUR", ""),
        ("unknown", "Lunknown", None, "EUR", "no currency"),
        ("won", "Lwon", pytest.approx(80), "EUR", ""),
    ]


@pytest.mark.parametrize(("currency", "problem"), [("EUR", ""), ("", "")])
def test_without_rates_the_only_currency_is_the_reporting_one(company: Company, currency: str, problem: str) -> None:
    deals(company, ("d1", 10, currency, "2026-03-01", None), ("d2", 0, "USD", "2026-03-01", None))
    assert company.ask("SELECT currency FROM boards.reporting_currency") == [(currency,)]
    assert company.ask(
        "SELECT amount_reporting, reporting_currency, problem FROM boards.deals_reporting ORDER BY deal_id"
    ) == [(10, currency, ""), (0, currency, "")]


def test_without_rates_spend_and_deals_in_two_currencies_are_not_converted(company: Company) -> None:
    company.load("spend", SPEND, "email,2026-03-01,2026-03-02,10,EUR")
    assert company.ask("SELECT amount_reporting, reporting_currency FROM boards.spend") == [(10, "EUR")]
    deals(company, ("d1", 10, "USD", "2026-03-01", None))
    assert company.ask("SELECT currency FROM boards.reporting_currency") == [(None,)]
    assert company.ask("SELECT amount_reporting, reporting_currency, problem FROM boards.spend") == [
        (None, None, "no rate for EUR")
    ]
    assert company.ask("SELECT amount_reporting, reporting_currency, problem FROM boards.deals_reporting") == [
        (None, None, "no rate for USD")
    ]
    company.load("rates", *RATES)
    assert company.ask("SELECT amount_reporting FROM boards.deals_reporting") == [(pytest.approx(9),)]


def test_nothing_loaded_is_nothing_shown(company: Company) -> None:
    shown = company.views()
    assert shown.pop("reporting_currency") == [(None,)]
    assert set(map(len, shown.values())) == {0}


def test_a_rate_ends_where_the_next_begins(company: Company) -> None:
    company.load("rates", *RATES)
    assert company.ask("SELECT currency, valid_from, valid_to, rate FROM boards.rates ORDER BY ALL") == [
        ("EUR", date(2026, 1, 1), None, 1),
        ("USD", date(2026, 3, 1), date(2026, 3, 16), 0.9),
        ("USD", date(2026, 3, 16), None, 0.8),
    ]


def test_an_account_has_one_name_and_committee_on_all_of_its_lines(company: Company) -> None:
    header = "account,name,division,committee_role,committee_size"
    company.load("target_accounts", header, "a,Acme,IT,user,", "a,,IT,champion,9", "b,,,,")
    assert company.ask(
        "SELECT account, name, division, committee_role, committee_size FROM boards.target_accounts ORDER BY ALL"
    ) == [
        ("a", "Acme", "IT", "champion", 9),
        ("a", "Acme", "IT", "user", 9),
        ("b", "", "", "", 21),
    ]
