"""Opportunities and customers by who generated the lead, per owner."""

from __future__ import annotations

import pytest

from tests.support.made import Made, day, only, total

pytestmark = pytest.mark.slow


def test_referrals_and_direct_visits_are_neither_departments_work(made: Made) -> None:
    generated = {
        "marketing": "marketing",
        "referral": "unknown",
        "partner": "unknown",
        "sales": "sales",
        "direct": "unknown",
        "unknown": "unknown",
        "": "unknown",
    }
    for origin in generated:
        made.entry(f"L {origin}", "opportunity", "2026-03-10", owner=f"rep of {origin}", origin=origin)
    rows = made.ask("prospecting")
    assert {row["owner"].removeprefix("rep of "): row["generated_by"] for row in rows} == generated


def test_opportunities_by_day_and_owner_as_at_the_entry(made: Made) -> None:
    made.lead("L1", owner="bob", origin="marketing")
    made.entry("L1", "opportunity", "2026-03-10 23:59", owner="ann", origin="sales")
    made.entry("L1", "customer", "2026-04-01", owner="bob", origin="marketing")
    made.entry("L2", "opportunity", "2026-03-11", owner="ann", origin="sales")
    made.entry("L3", "opportunity", "2026-03-11", owner="ann", origin="sales", regressed=1)
    made.entry("L4", "customer", "2026-03-11", owner="ann", origin="sales")
    rows = made.ask("prospecting")
    assert [(r["day"], r["owner"], r["generated_by"]) for r in sorted(rows, key=lambda r: r["day"])] == [
        (day("2026-03-10"), "ann", "sales"),
        (day("2026-03-11"), "ann", "sales"),
    ]
    assert only(rows, "opportunities", "customers", day=day("2026-03-10")) == (1, 1)
    assert only(rows, "opportunities", "customers", day=day("2026-03-11")) == (1, 0)
    assert total(made.ask("prospecting", "2026-03-31"), "opportunities", "customers") == (2, 0)
    assert total(made.ask("prospecting", "2026-03-10 23:58"), "opportunities") == 0


def test_another_generation_is_not_seen(made: Made) -> None:
    made.entry("L1", "opportunity", "2026-03-10")
    made.written_elsewhere()
    assert made.ask("prospecting") == []
