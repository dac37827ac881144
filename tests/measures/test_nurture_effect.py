"""Nurtured leads beside others of the same size, region and score band."""

from __future__ import annotations

import pytest

from tests.support.made import Made, only, total

pytestmark = pytest.mark.slow


def test_nurtured_is_who_was_in_nurture_before_the_opportunity(made: Made) -> None:
    for lead in ("before", "after", "never", "still", "at once", "met late"):
        made.entry(lead, "mql", "2026-03-01")
    made.entry("before", "nurture", "2026-03-02")
    made.entry("before", "opportunity", "2026-03-10", cycle=2)
    made.entry("after", "opportunity", "2026-03-10")
    made.entry("after", "nurture", "2026-03-20")
    made.entry("never", "customer", "2026-03-10")  # a win without a deal known before is an opportunity, too
    made.entry("still", "nurture", "2026-03-02")
    made.entry("at once", "opportunity", "2026-03-10")
    made.entry("at once", "nurture", "2026-03-10")
    made.entry("met late", "nurture", "2026-03-02", regressed=1)
    rows = made.ask("nurture_effect")
    assert only(rows, "leads", "opportunities", nurtured=1) == (2, 1)  # before, still
    assert only(rows, "leads", "opportunities", nurtured=0) == (4, 3)  # after, never, at once
    # on the 5th nobody was an opportunity yet, and who was to be nurtured was
    assert only(made.ask("nurture_effect", "2026-03-05"), "leads", "opportunities", nurtured=1) == (2, 0)


def test_a_lead_is_as_it_was_at_its_first_mql_entry(made: Made) -> None:
    made.lead("L1", size_band="enterprise", region="nordics")
    made.entry("L1", "mql", "2026-03-01", size_band="small", region="dach", hot=1, ready=1)
    made.entry("L1", "mql", "2026-05-01", size_band="mid", region="dach", cycle=2)
    made.entry("L2", "mql", "2026-03-01", size_band="small", region="dach", ready=1)
    made.entry("L3", "mql", "2026-03-01", size_band="small", region="dach")
    made.entry("L4", "inquiry", "2026-03-01", size_band="small", region="dach")
    rows = made.ask("nurture_effect")
    assert sorted((r["size_band"], r["region"], r["score_band"], r["leads"]) for r in rows) == [
        ("small", "dach", "below", 1),
        ("small", "dach", "hot", 1),
        ("small", "dach", "ready", 1),
    ]


def test_only_first_entries_in_the_period(made: Made) -> None:
    made.entry("L1", "mql", "2026-02-28 23:59")
    made.entry("L1", "mql", "2026-03-10", cycle=2)
    made.entry("L2", "mql", "2026-03-01")
    made.entry("L3", "mql", "2026-03-31 23:59")
    made.entry("L4", "mql", "2026-04-01")
    assert total(made.ask("nurture_effect", since="2026-03-01", until="2026-04-01"), "leads") == 2


def test_won_amount_and_days(made: Made) -> None:
    """Days from the first MQL entry to the first win: 10, 20, 30 and 40.5, so the median (the third of four) is 30.
    Amounts: 100 EUR + 50 USD at 2 + 7 EUR + 1 EUR; GBP has no rate. The lost, the renewal and the later one are left
    out."""
    made.rates(EUR=1, USD=2)
    won = {"A": ("2026-03-11", 100, "EUR"), "B": ("2026-03-21", 50, "USD"), "C": ("2026-03-31", 9, "GBP")}
    for lead, (closed, amount, currency) in won.items():
        made.entry(lead, "mql", "2026-03-01")
        made.deal(lead, f"D{lead}", "2026-03-02", closed_at=closed, amount=float(amount), currency=currency)
    made.entry("E", "mql", "2026-03-01")
    made.deal("E", "DE", "2026-03-02", closed_at="2026-04-10 12:00", amount=7.0, currency="EUR")
    made.deal("E", "DE2", "2026-03-02", closed_at="2026-05-01", amount=1.0, currency="EUR")
    made.deal("E", "DE3", "2026-03-02", closed_at="2026-03-03", amount=1.0, currency="EUR", kind="renewal")
    made.deal("E", "DE4", "2026-03-02", closed_at="2026-03-03", amount=1.0, currency="EUR", status="lost")
    made.deal("E", "DE5", "2026-03-02", closed_at="2027-03-03", amount=1.0, currency="EUR")
    rows = made.ask("nurture_effect")
    assert only(rows, "leads", "won", "amount_sum", "days_median") == (4, 4, 208, 30)


def test_who_won_nothing_since_has_no_days(made: Made) -> None:
    made.entry("L1", "mql", "2026-03-01")
    made.deal("L1", "D1", "2026-01-01", closed_at="2026-02-01", amount=5.0, currency="EUR")
    made.entry("L2", "mql", "2026-03-01", region="dach")
    rows = made.ask("nurture_effect")
    assert only(rows, "won", "amount_sum", "days_median", region="") == (1, 5, None)
    assert only(rows, "won", "amount_sum", "days_median", region="dach") == (0, 0, None)


def test_of_fewer_than_thirty_there_is_no_rate(made: Made) -> None:
    for number in range(59):
        region = "dach" if number < 30 else "nordics"
        made.entry(f"L{number}", "mql", "2026-03-01", region=region)
        if number % 2:
            made.entry(f"L{number}", "opportunity", "2026-03-02", region=region)
    rows = made.ask("nurture_effect")
    assert only(rows, "leads", "opportunities", "opportunity_rate", region="dach") == (30, 15, 0.5)
    assert only(rows, "leads", "opportunities", "opportunity_rate", region="nordics") == (29, 14, None)


def test_another_generation_is_not_seen(made: Made) -> None:
    made.entry("L1", "mql", "2026-03-01")
    made.written_elsewhere()
    assert made.ask("nurture_effect") == []
