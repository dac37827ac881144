"""New business by where it comes from."""

from __future__ import annotations

import pytest

from tests.support.made import Made, only, total

pytestmark = pytest.mark.slow


def test_each_origin_has_its_deals_and_its_kind(made: Made) -> None:
    origins = ("marketing", "direct", "sales", "referral", "partner", "unknown")
    for number, origin in enumerate(origins):
        made.lead(f"L{number}", origin=origin)
        made.deal(f"L{number}", f"D{number}", "2026-03-01", origin=origin)
    kinds = {row["origin"]: row["kind"] for row in made.ask("origin_compare")}
    assert kinds == dict(
        zip(origins, ("inbound", "inbound", "outbound", "referral", "partner", "unknown"), strict=True)
    )


def test_won_lost_amount_and_days(made: Made) -> None:
    """Won: 100 EUR in 10 days, 50 USD at 2 in 20, 30 GBP without a rate in 40, and one before its first contact, for
    nothing. Mean of those with a rate: (100 + 100 + 0) / 3. The median of 10, 20, 40 is 20."""
    made.rates(EUR=1, USD=2)
    made.lead("L1", origin="sales")
    closed = {"closed_at": "2026-04-01", "origin": "sales"}
    made.deal("L1", "D1", "2026-03-01", amount=100.0, currency="EUR", days_to_close=10.0, **closed)
    made.deal("L1", "D2", "2026-03-01", amount=50.0, currency="USD", days_to_close=20.0, **closed)
    made.deal("L1", "D3", "2026-03-01", amount=30.0, currency="GBP", days_to_close=40.0, **closed)
    made.deal("L1", "D4", "2026-03-01", **closed)
    made.deal("L1", "D5", "2026-03-01", status="lost", amount=999.0, currency="EUR", days_to_close=1.0, **closed)
    made.deal("L1", "D6", "2026-03-01", amount=999.0, currency="EUR", origin="sales")
    made.deal("L1", "D7", "2026-03-01", kind="expansion", amount=999.0, currency="EUR", **closed)
    names = ("deals", "won", "lost", "win_rate", "mean_amount", "median_days", "kind")
    assert only(made.ask("origin_compare"), *names) == (6, 4, 1, None, pytest.approx(200 / 3), 20, "outbound")
    # the day before, nothing was decided
    assert only(made.ask("origin_compare", "2026-03-31 23:59"), *names) == (6, 0, 0, None, None, None, "outbound")


def test_of_fewer_than_thirty_decided_there_is_no_win_rate(made: Made) -> None:
    for number in range(60):
        origin = "marketing" if number < 31 else "sales"
        said = {"status": "won" if number % 3 else "lost", "closed_at": None if number == 0 else "2026-04-01"}
        made.deal(f"L{number}", f"D{number}", "2026-03-01", origin=origin, **(said if number else {}))
    rows = made.ask("origin_compare")
    # of 0 to 30 the first is open and each third was lost: 3, 6, … 30
    assert only(rows, "deals", "won", "lost", "win_rate", origin="marketing") == (31, 20, 10, pytest.approx(2 / 3))
    assert only(rows, "deals", "won", "lost", "win_rate", origin="sales") == (29, 20, 9, None)


def test_an_accounts_deal_has_the_origin_of_its_people(made: Made) -> None:
    made.lead("A1", account="acme", origin="referral", origin_at="2026-02-01", channel="referral")
    made.deal("", "D1", "2026-03-01", account="acme", origin="unknown")
    made.deal("", "D2", "2026-03-01", account="", origin="unknown")
    rows = made.ask("origin_compare")
    assert {row["origin"]: (row["deals"], row["kind"]) for row in rows} == {
        "referral": (1, "referral"),
        "unknown": (1, "unknown"),
    }


def test_a_deal_that_found_its_person_counts_once(made: Made) -> None:
    made.lead("L1", origin="sales")
    made.deal("", "D1", "2026-03-01", origin="unknown")
    made.deal("L1", "D1", "2026-03-01", origin="sales")
    assert [(row["origin"], row["deals"]) for row in made.ask("origin_compare")] == [("sales", 1)]


def test_only_deals_made_in_the_period_and_by_then(made: Made) -> None:
    made.deal("L0", "D0", "2026-03-10", origin="sales")
    made.written_elsewhere()
    for number, created in enumerate(["2026-02-28 23:59", "2026-03-01", "2026-03-31 23:59", "2026-04-01"], 1):
        made.deal(f"L{number}", f"D{number}", created, origin="sales")
    march = {"since": "2026-03-01", "until": "2026-04-01"}
    assert total(made.ask("origin_compare", **march), "deals") == 2
    assert total(made.ask("origin_compare", "2026-03-15", **march), "deals") == 1
    assert total(made.ask("origin_compare"), "deals") == 4
