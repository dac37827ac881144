"""Leads and customers by the size of their company and their origin."""

from __future__ import annotations

import pytest

from tests.support.made import Made, day, only, total

pytestmark = pytest.mark.slow


def test_leads_and_customers_by_day_size_and_origin(made: Made) -> None:
    made.lead("L1", "2026-03-01 23:59", size_band="small", origin="marketing")
    made.lead("L2", "2026-03-01", size_band="small", origin="marketing")
    made.lead("L3", "2026-03-02", size_band="small", origin="marketing")
    made.lead("L4", "2026-03-01", size_band="enterprise", origin="sales")
    made.entry("L1", "customer", "2026-04-01")
    made.entry("L2", "customer", "2026-04-01", regressed=1)
    made.entry("L4", "customer", "2026-04-01", cycle=1)
    made.entry("L4", "customer", "2026-05-01", cycle=2)
    rows = made.ask("size_mix")
    assert only(rows, "leads", "customers", day=day("2026-03-01"), size_band="small", origin="marketing") == (2, 1)
    assert only(rows, "leads", "customers", day=day("2026-03-02")) == (1, 0)
    assert only(rows, "leads", "customers", size_band="enterprise", origin="sales") == (1, 1)
    assert total(made.ask("size_mix", "2026-03-31"), "leads", "customers") == (4, 0)
    assert total(made.ask("size_mix", "2026-03-01 12:00"), "leads", "customers") == (2, 0)


def test_another_generation_is_not_seen(made: Made) -> None:
    made.lead("L1")
    made.written_elsewhere()
    assert made.ask("size_mix") == []
