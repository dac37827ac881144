"""Leads delivered and accepted against targets. March 2026 begins on a Sunday and has 22 working days, no holiday."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.made import Made, Row, day, only

pytestmark = pytest.mark.slow


def target(leads: int, first: str = "2026-03-02", last: str = "2026-03-13", **given: Any) -> Row:
    row = {"region": "", "industry": "", "stage": "mql", "origin": "", **given}
    return {"first_day": day(first), "last_day": day(last), **row, "leads": leads}


def promise(made: Made, *targets: Row) -> None:
    made.load("targets", *targets, months=["2026-03-01"])


def test_a_target_counts_by_the_working_days_that_are_over(made: Made) -> None:
    """Two weeks of ten working days, 20 leads; on Wednesday of the first three are begun: 6 to date, 5 came, 2 of them
    were accepted, so 83 % and 33 %. On Friday of the second, a sixth and late one is there: 6 of 20."""
    promise(made, target(20))
    for number in range(5):
        made.entry(f"L{number}", "mql", "2026-03-03 10:00")
    made.entry("L0", "sal", "2026-03-04 08:00")
    made.entry("L1", "opportunity", "2026-03-04 08:00")
    made.entry("L2", "sal", "2026-03-04 13:00")  # later than asked
    made.entry("L5", "mql", "2026-03-13 23:59")
    names = ("target", "target_to_date", "delivered", "accepted", "share", "accepted_share", "satisfied")
    rows = made.ask("quantity", "2026-03-04 12:00")
    assert only(rows, "from_day", "to_day") == (day("2026-03-02"), day("2026-03-13"))
    assert only(rows, *names) == (20, 6, 5, 2, pytest.approx(5 / 6), pytest.approx(2 / 6), 0)
    assert only(made.ask("quantity"), *names) == (20, 20, 6, 3, 0.3, 0.15, 0)


def test_weekends_are_no_working_days(made: Made) -> None:
    promise(made, target(20))
    assert only(made.ask("quantity", "2026-03-06 23:00"), "target_to_date") == 10
    assert only(made.ask("quantity", "2026-03-08 23:00"), "target_to_date") == 10
    assert only(made.ask("quantity", "2026-03-09 00:00"), "target_to_date") == 12


def test_nine_of_ten_satisfy(made: Made) -> None:
    promise(made, target(10), target(10, region="dach"))
    for number in range(9):
        made.entry(f"L{number}", "mql", "2026-03-03", region="dach" if number < 8 else "nordics")
    rows = made.ask("quantity")
    assert only(rows, "delivered", "share", "satisfied", region="") == (9, 0.9, 1)
    assert only(rows, "delivered", "share", "satisfied", region="dach") == (8, 0.8, 0)


def test_a_target_that_has_not_begun_has_no_share(made: Made) -> None:
    promise(made, target(20))
    names = ("target", "target_to_date", "delivered", "share", "accepted_share", "satisfied")
    assert only(made.ask("quantity", "2026-03-01 12:00"), *names) == (20, 0, 0, None, None, 0)


def test_a_target_of_a_weekend_counts_in_full_from_its_first_day(made: Made) -> None:
    promise(made, target(4, "2026-03-07", "2026-03-08"))
    made.entry("L1", "mql", "2026-03-07 12:00")
    assert only(made.ask("quantity", "2026-03-06 12:00"), "target_to_date", "share") == (0, None)
    assert only(made.ask("quantity", "2026-03-07 12:00"), "target_to_date", "share") == (4, 0.25)


def test_a_lead_counts_where_and_what_it_was_at_the_entry(made: Made) -> None:
    promise(
        made,
        target(1, region="dach"),
        target(2, industry="retail"),
        target(3, origin="marketing"),
        target(4, region="dach", industry="retail", origin="marketing"),
        target(5, stage="inquiry"),
        target(6, stage=""),
    )
    made.lead("L1", region="nordics", industry="energy", origin="unknown")
    made.entry("L1", "mql", "2026-03-03", region="dach", industry="retail", origin="marketing")
    made.entry("L2", "mql", "2026-03-03", region="dach", industry="energy", origin="sales")
    made.entry("L3", "inquiry", "2026-03-03", region="dach")
    made.entry("L4", "nurture", "2026-03-03", region="dach")
    rows = made.ask("quantity")
    # for any stage L1 to L3 count: nurture is no stage of the line
    assert {row["target"]: row["delivered"] for row in rows} == {1: 2, 2: 1, 3: 1, 4: 1, 5: 1, 6: 3}


def test_both_ends_of_the_period_are_in_it_and_a_lead_counts_once(made: Made) -> None:
    promise(made, target(10))
    made.entry("before", "mql", "2026-03-01 23:59")
    made.entry("first", "mql", "2026-03-02 00:00")
    made.entry("last", "mql", "2026-03-13 23:59")
    made.entry("after", "mql", "2026-03-14 00:00")
    made.entry("twice", "mql", "2026-03-03")
    made.entry("twice", "mql", "2026-03-04")
    made.entry("twice", "mql", "2026-03-10", cycle=2)
    made.entry("met late", "mql", "2026-03-10", regressed=1)
    assert only(made.ask("quantity"), "delivered") == 3


def test_accepted_in_another_cycle_is_not_accepted(made: Made) -> None:
    promise(made, target(10))
    made.entry("L1", "mql", "2026-03-03")
    made.entry("L1", "sal", "2026-03-10", cycle=2)
    made.entry("L2", "mql", "2026-03-03")
    made.entry("L2", "sal", "2026-03-10", regressed=1)
    assert only(made.ask("quantity"), "delivered", "accepted") == (2, 0)


def test_two_targets_of_the_same_kind_and_days_are_two_rows(made: Made) -> None:
    promise(made, target(10), target(10))
    made.entry("L1", "mql", "2026-03-03")
    assert [row["delivered"] for row in made.ask("quantity")] == [1, 1]


def test_junk_that_is_sent_again_is_not_delivered_twice(made: Made) -> None:
    """L was sent back and comes again, in a second cycle of the same period; accepted then, it counts once all the
    same. In the period after it counts anew."""
    promise(made, target(10), target(10, "2026-03-16", "2026-03-27"))
    for cycle, at in ((1, "2026-03-03"), (2, "2026-03-10"), (3, "2026-03-17")):
        made.entry("L", "mql", at, cycle=cycle)
    made.entry("L", "sal", "2026-03-11", cycle=2)
    rows = made.ask("quantity")
    assert only(rows, "delivered", "accepted", from_day=day("2026-03-02")) == (1, 1)
    assert only(rows, "delivered", "accepted", from_day=day("2026-03-16")) == (1, 0)
