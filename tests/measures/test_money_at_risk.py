"""What leaking leads are worth: their own deal, or an estimate from history."""

from __future__ import annotations

import pytest

from tests.support.made import Made, only

pytestmark = pytest.mark.slow
LEAKING = ("2026-02-01", "2026-02-02")
WORTH = ("amount", "currency", "basis")


def leaking(made: Made, lead: str, stage: str = "mql", **given: str) -> None:
    made.lead(lead, "2026-02-01", **given)
    made.entry(lead, stage, "2026-02-01")
    made.owed(lead, *LEAKING)


def test_a_lead_is_a_row_once_if_something_of_it_leaks(made: Made) -> None:
    leaking(made, "L1", owner="ann", channel="email", origin="marketing", industry="retail", region="dach")
    made.owed("L1", *LEAKING, kind="undecided")
    made.lead("L2", "2026-02-01")
    made.owed("L2", *LEAKING, met_at="2026-02-01 12:00")
    made.lead("L3", "2026-02-01")
    made.owed("L3", *LEAKING, ended_at="2026-02-03", end_kind="lost")
    made.lead("L4", "2026-02-01")
    made.owed("L4", *LEAKING, met_at="2026-03-01")
    names = ("lead_id", "owner", "stage", "channel", "origin", "size_band", "industry", "region")
    rows = made.ask("money_at_risk")
    assert only(rows, *names) == ("L1", "ann", "mql", "email", "marketing", "", "retail", "dach")
    assert {row["lead_id"] for row in made.ask("money_at_risk", "2026-02-02")} == {"L1", "L3", "L4"}
    assert made.ask("money_at_risk", "2026-02-01 23:59") == []


def test_its_own_open_deal_is_what_it_is_worth(made: Made) -> None:
    """The latest made of those that are open, new and have an amount: 300 USD, which is 600 EUR."""
    made.rates(EUR=1, USD=2)
    leaking(made, "L1", "opportunity")
    made.deal("L1", "D1", "2026-02-03", amount=100.0, currency="EUR")
    made.deal("L1", "D2", "2026-02-04", amount=300.0, currency="USD")
    made.deal("L1", "D3", "2026-02-05", amount=0.0, currency="EUR")
    made.deal("L1", "D4", "2026-02-06", amount=999.0, currency="EUR", kind="renewal")
    made.deal("L1", "D5", "2026-02-07", amount=999.0, currency="EUR", closed_at="2026-02-08", status="lost")
    made.deal("L1", "D6", "2026-06-01", amount=700.0, currency="EUR", closed_at="2026-06-20")
    assert only(made.ask("money_at_risk", "2026-05-01"), *WORTH) == (600, "EUR", "deal")
    assert only(made.ask("money_at_risk", "2026-06-10"), *WORTH) == (700, "EUR", "deal")  # open then
    assert only(made.ask("money_at_risk", "2026-06-20"), *WORTH) == (600, "EUR", "deal")
    assert only(made.ask("money_at_risk", "2026-02-03"), *WORTH) == (100, "EUR", "deal")


def test_a_deal_without_a_rate_keeps_its_currency(made: Made) -> None:
    made.rates(EUR=1)
    leaking(made, "L1", "opportunity")
    made.deal("L1", "D1", "2026-02-03", amount=100.0, currency="GBP")
    assert only(made.ask("money_at_risk"), *WORTH) == (100, "GBP", "deal")


def test_the_estimate_by_hand(made: Made) -> None:
    """History of mql, at least a year ago: 10 small with 1 win, 30 mid with 9 wins; in all 10 of 40, so 0.25.
    small: (1 + 10 × 0.25) / (10 + 10) = 0.175; won small: 100 and 300, mean 200: worth 35.
    mid: (9 + 2.5) / (30 + 10) = 0.2875; won mid: 1,000: worth 287.5.
    enterprise: no history: 2.5 / 10 = 0.25; no win: the mean of all three, 1,400 / 3."""
    for number in range(40):
        band = "small" if number < 10 else "mid"
        made.lead(f"H{number}", "2024-01-01", size_band=band)
        made.entry(f"H{number}", "mql", "2024-01-01", size_band="as it was then")
        if number in (0, *range(10, 19)):
            made.entry(f"H{number}", "customer", "2024-06-01")
    for number, amount in ((0, 100.0), (1, 300.0), (10, 1000.0)):
        said = {"amount": amount, "currency": "EUR"}
        made.deal(f"H{number}", f"D{number}", "2024-02-01", closed_at="2024-06-01", **said)
    made.deal("H2", "D2", "2024-02-01", closed_at="2024-06-01", status="lost", amount=1e6, currency="EUR")
    for band in ("small", "mid", "enterprise"):
        leaking(made, f"now {band}", size_band=band)
    rows = made.ask("money_at_risk", "2026-03-01")
    names = ("p_win", "mean_amount", *WORTH)
    money = ("EUR", "estimate")
    assert only(rows, *names, size_band="small") == (
        pytest.approx(0.175),
        *(200, pytest.approx(35), *money),
    )
    assert only(rows, *names, size_band="mid") == (pytest.approx(0.2875), 1000, pytest.approx(287.5), *money)
    assert only(rows, *names, size_band="enterprise") == (
        pytest.approx(0.25),
        pytest.approx(1400 / 3),
        *(pytest.approx(350 / 3), *money),
    )


def test_who_entered_the_stage_less_than_a_year_ago_is_no_history(made: Made) -> None:
    """As of 2026-03-01: 365 days before is 2025-03-01. One who came then and won; one a minute later, who did not."""
    for lead, at in (("H1", "2025-03-01 00:00"), ("H2", "2025-03-01 00:01")):
        made.lead(lead, at)
        made.entry(lead, "mql", at)
    made.entry("H1", "customer", "2025-05-01")
    made.entry("H1", "customer", "2025-06-01", cycle=2)
    leaking(made, "L1")
    assert only(made.ask("money_at_risk", "2026-03-01 00:00"), "p_win") == 1
    assert only(made.ask("money_at_risk", "2026-03-01 00:01"), "p_win") == pytest.approx((1 + 10 * 0.5) / 12)


def test_without_history_and_wins_the_estimate_is_nothing(made: Made) -> None:
    leaking(made, "L1")
    names = ("p_win", "mean_amount", *WORTH)
    assert only(made.ask("money_at_risk"), *names) == (0, 0, 0, "", "estimate")


def test_wins_without_a_rate_are_no_mean_and_those_of_accounts_alone_are_in_that_of_all(made: Made) -> None:
    made.rates(EUR=1)
    made.lead("H1", "2024-01-01", size_band="small")
    made.deal("H1", "D1", "2024-02-01", closed_at="2024-06-01", amount=500.0, currency="GBP")
    made.deal("", "D2", "2024-02-01", closed_at="2024-06-01", amount=80.0, currency="EUR", account="acme")
    leaking(made, "L1", size_band="small")
    assert only(made.ask("money_at_risk"), "mean_amount") == 80


def test_the_stage_is_the_one_it_stood_in_then(made: Made) -> None:
    made.lead("L1", "2026-02-01", stage="customer")
    made.owed("L1", "2026-01-01", "2026-01-02", kind="capture_gap")
    made.entry("L1", "inquiry", "2026-02-01", left_at="2026-02-10", next="mql")
    made.entry("L1", "mql", "2026-02-10", left_at="2026-02-10", next="sal")
    made.entry("L1", "sal", "2026-02-10", left_at="2026-04-01", next="customer")
    made.entry("L1", "inquiry", "2026-02-15", left_at="2026-02-15", regressed=1)
    made.entry("L1", "customer", "2026-04-01")
    stages = {"2026-01-05": "known", "2026-02-09": "inquiry", "2026-02-10": "sal", "2026-03-01": "sal"}
    assert {at: only(made.ask("money_at_risk", at), "stage") for at in stages} == stages
    assert made.ask("money_at_risk") == []  # a customer by then


def test_another_generation_is_not_seen(made: Made) -> None:
    leaking(made, "L1")
    made.written_elsewhere()
    assert made.ask("money_at_risk") == []


def test_a_customer_without_an_open_deal_has_nothing_more_at_risk(made: Made) -> None:
    for lead in ("BOUGHT", "MORE"):
        made.lead(lead)
        made.entry(lead, "customer", "2026-03-02")
        made.owed(lead, "2026-03-02", "2026-03-03")
    made.deal("MORE", "D", "2026-03-04", amount=10.0, currency="EUR")
    assert only(made.ask("money_at_risk"), "lead_id", "amount") == ("MORE", 10.0)
