"""Spend of a channel and period by what its leads of the period became."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.made import Made, Row, day, only

pytestmark = pytest.mark.slow
MARCH = {"since": "2026-03-01", "until": "2026-04-01"}


def line(channel: str, amount: float, currency: str = "EUR", **given: Any) -> Row:
    days = {"first_day": day("2026-03-01"), "last_day": day("2026-03-31"), **given}
    return {**days, "channel": channel, "campaign": "", "amount": amount, "currency": currency}


def spend(made: Made, *lines: Row) -> None:
    made.load("spend", *lines, months=["2026-03-01", "2026-04-01"])


def came(made: Made, lead: str, channel: str, *stages: str, at: str = "2026-03-10") -> None:
    made.lead(lead, at, channel=channel)
    for number, stage in enumerate(stages):
        made.entry(lead, stage, f"{at} 1{number}:00")


def test_each_step_has_its_cost(made: Made) -> None:
    """1,200 EUR for four leads: 300 each, of whom three became MQL (400), two accepted (600), one customer (1,200)."""
    spend(made, line("email", 1200))
    came(made, "L1", "email", "inquiry", "mql", "sal", "sql", "opportunity", "customer")
    came(made, "L2", "email", "inquiry", "mql", "sal")
    came(made, "L3", "email", "inquiry", "mql")
    came(made, "L4", "email", "inquiry")
    made.deal("L1", "D1", "2026-03-10", closed_at="2026-03-20", amount=5000.0, currency="EUR")
    rows = made.ask("cost_per_step", **MARCH)
    steps = ("lead", "inquiry", "mql", "sal", "sql", "opportunity", "customer")
    assert only(rows, *(f"cost_per_{step}" for step in steps)) == tuple(
        pytest.approx(cost) for cost in (300, 300, 400, 600, 1200, 1200, 1200)
    )
    counts = ("leads", "inquiries", "mql", "sal", "sql", "opportunities", "customers")
    assert only(rows, *counts) == (4, 4, 3, 2, 1, 1, 1)
    assert only(rows, "spend", "currency", "revenue") == (pytest.approx(1200), "EUR", 5000)


def test_the_cheapest_customers_come_first_and_spend_without_sales_is_kept(made: Made) -> None:
    """A customer of free costs 0, of email 100, of event 500. Then what has none: radio, for more, and social."""
    spend(made, line("radio", 900), line("event", 500), line("social", 300), line("email", 200))
    for number, channel in enumerate(["email", "email", "event", "free"]):
        came(made, f"L{number}", channel, "inquiry", "customer")
    came(made, "L9", "social", "inquiry")
    rows = made.ask("cost_per_step", **MARCH)
    assert [(r["channel"], r["cost_per_customer"]) for r in rows] == [
        ("free", 0),
        ("email", pytest.approx(100)),
        ("event", pytest.approx(500)),
        ("radio", None),
        ("social", None),
    ]
    assert only(rows, "leads", "spend", "cost_per_lead", channel="radio") == (0, pytest.approx(900), None)
    assert only(rows, "leads", "spend", "cost_per_lead", channel="social") == (
        1,
        pytest.approx(300),
        pytest.approx(300),
    )


def test_only_the_days_of_the_period_and_only_those_that_are_over(made: Made) -> None:
    """310 EUR for March are 10 a day. 1 to 15 March: 150. As of the 3rd: three days. From February on: the same."""
    spend(made, line("email", 310), line("email", 77, first_day=day("2026-04-01"), last_day=day("2026-04-30")))
    half = {"since": "2026-03-01", "until": "2026-03-16"}
    assert only(made.ask("cost_per_step", **half), "spend") == pytest.approx(150)
    assert only(made.ask("cost_per_step", "2026-03-03 09:00", **half), "spend") == pytest.approx(30)
    assert only(made.ask("cost_per_step", **(MARCH | {"since": "2026-02-01"})), "spend") == pytest.approx(310)
    assert made.ask("cost_per_step", "2026-02-20", **MARCH) == []


def test_spend_is_in_the_reporting_currency(made: Made) -> None:
    made.rates(EUR=1, USD=0.5)
    spend(made, line("email", 100), line("email", 100, "USD"))
    assert only(made.ask("cost_per_step", **MARCH), "spend", "currency") == (pytest.approx(150), "EUR")


def test_spend_without_a_rate_has_no_cost_rather_than_one_too_low(made: Made) -> None:
    made.rates(EUR=1)
    spend(made, line("email", 100), line("email", 100, "GBP"), line("event", 50))
    came(made, "L1", "email", "inquiry", "customer")
    rows = made.ask("cost_per_step", **MARCH)
    assert only(rows, "spend", "cost_per_lead", "cost_per_customer", channel="email") == (None, None, None)
    assert only(rows, "spend", channel="event") == pytest.approx(50)


def test_leads_that_began_outside_of_the_period_are_of_another_cohort(made: Made) -> None:
    spend(made, line("email", 100))
    came(made, "before", "email", "inquiry", at="2026-02-28")
    came(made, "in it", "email", "inquiry", at="2026-03-31")
    came(made, "after", "email", "inquiry", at="2026-04-01")
    assert only(made.ask("cost_per_step", **MARCH), "leads", "cost_per_lead") == (1, pytest.approx(100))


def test_what_leads_became_later_does_not_count_at_an_earlier_time(made: Made) -> None:
    came(made, "L1", "email", "inquiry")
    made.entry("L1", "customer", "2026-05-01")
    assert only(made.ask("cost_per_step", "2026-04-30", **MARCH), "leads", "customers") == (1, 0)
    assert only(made.ask("cost_per_step", "2026-05-01", **MARCH), "leads", "customers") == (1, 1)


def test_visitors_alone_make_no_row(made: Made) -> None:
    made.row("visits", ("d1", "s1"), started_at="2026-03-10", ended_at="2026-03-10", channel="email")
    assert made.ask("cost_per_step", **MARCH) == []


def test_another_generation_has_the_same_spend_and_no_leads(made: Made) -> None:
    spend(made, line("email", 100))
    came(made, "L1", "email", "inquiry")
    made.written_elsewhere()
    assert only(made.ask("cost_per_step", **MARCH), "spend", "leads", "currency") == (pytest.approx(100), 0, "EUR")
