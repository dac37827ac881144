"""Quality of MQLs and of hand-overs, their age, who was right, cherry-picking."""

from __future__ import annotations

from typing import Any

import pytest

from tests.measures.made import Ask, Facts, as_date, on, one, pick, total
from tests.sinks.rows import DAY, HOUR

pytestmark = pytest.mark.slow

QUALITY = "mql handed_over accepted decided opportunities customers young"


def test_what_mqls_came_to(facts: Facts, ask: Ask) -> None:
    """accepted: given in cycle 1, SAL, opportunity. refused: given before any cycle, rejected. waits: given in the next
    cycle, where it becomes a customer, and on day 70 in this one. Each MQL on day 10."""
    for lead in ("accepted", "refused", "waits"):
        facts.entry(lead, "mql", on(10), owner="ann")
    facts.assigned("accepted", on(9))
    facts.entry("accepted", "sal", on(11))
    facts.entry("accepted", "opportunity", on(12))
    facts.assigned("refused", on(8), cycle=0, handover=0, how="taken")
    facts.entry("refused", "rejected", on(11))
    facts.assigned("waits", on(50), cycle=2)
    facts.assigned("waits", on(70))
    facts.entry("waits", "nurture", on(11))
    facts.entry("waits", "customer", on(60), 2)
    facts.write()
    assert total(ask("quality", on(10)), QUALITY) == (3, 2, 0, 0, 0, 0, 3)
    assert total(ask("quality", on(11)), QUALITY) == (3, 2, 1, 2, 0, 0, 3)
    assert total(ask("quality", on(12)), QUALITY) == (3, 2, 1, 2, 1, 0, 3)
    assert one(ask("quality", on(100)), f"day owner {QUALITY}") == (as_date(10), "ann", 3, 3, 1, 2, 2, 1, 0)


def test_an_earlier_cycles_opportunity_is_not_this_mqls(facts: Facts, ask: Ask) -> None:
    facts.entry("L", "opportunity", on(1))
    facts.entry("L", "lost", on(2))
    facts.entry("L", "mql", on(3), 2)
    facts.write()
    assert one(ask("quality", on(9)), "mql accepted opportunities") == (1, 0, 0)


READY = "ready ready_mature ready_customers"


def test_sales_ready_is_judged_after_a_year(facts: Facts, ask: Ask) -> None:
    """in: customer after exactly 365 days. out: a microsecond later. never: not. below: not ready, yet a customer."""
    for lead in ("in", "out", "never"):
        facts.entry(lead, "mql", on(0), ready=1)
    facts.entry("below", "mql", on(0), ready=0)
    facts.entry("in", "customer", on(365))
    facts.entry("out", "customer", on(365) + 1)
    facts.entry("below", "customer", on(1))
    facts.write()
    assert one(ask("quality", on(365) - 1), READY) == (3, 0, 0)
    assert one(ask("quality", on(365)), READY) == (3, 3, 1)
    assert one(ask("quality", on(900)), READY) == (3, 3, 1)


def test_an_mql_entry_of_the_same_cycle_counts_once_by_the_first(facts: Facts, ask: Ask) -> None:
    facts.entry("L", "mql", on(1), channel="email", ready=1)
    facts.entry("L", "mql", on(5), channel="web")
    facts.entry("L", "mql", on(9), 2, channel="web")
    facts.entry("M", "mql", on(1), regressed=1)
    facts.write()
    assert pick(ask("quality", on(20)), "channel mql ready") == [("email", 1, 1), ("web", 1, 0)]


def test_handovers_that_met_the_definition(facts: Facts, ask: Ask) -> None:
    facts.assigned("a", on(1), ready=1)
    facts.assigned("b", on(1, 2))
    facts.assigned("c", on(1), ready=1, handover=0, how="passed_on")
    facts.assigned("d", on(1), ready=1, owner="bob")
    facts.assigned("e", on(2), ready=1)
    facts.write()
    names = "day owner handovers ready"
    assert pick(ask("handover_quality", on(1, 2)), names) == [(as_date(1), "ann", 2, 1), (as_date(1), "bob", 1, 1)]
    assert total(ask("handover_quality", on(1)), "handovers ready") == (2, 2)
    assert total(ask("handover_quality", on(2)), "handovers ready") == (4, 3)


RIGHT = "ready decision n opportunities won"


def test_who_was_right(facts: Facts, ask: Ask) -> None:
    """Handed over on day 1, decided on day 2; the rejected one buys on day 9, in another cycle."""
    for lead, decided in {"a": "sal", "b": "opportunity", "c": "rejected", "d": "nurture", "e": "lost"}.items():
        facts.assigned(lead, on(1), ready=1, decided=decided, decided_at=on(2))
    facts.assigned("f", on(1))
    facts.assigned("g", on(1), handover=0, decided="sal", decided_at=on(2))
    facts.entry("b", "opportunity", on(2))
    facts.entry("c", "customer", on(9), 2)
    facts.entry("f", "customer", on(1) - 1)
    facts.write()
    assert pick(ask("who_was_right", on(1)), RIGHT) == [(0, "none", 1, 0, 0), (1, "none", 5, 0, 0)]
    assert pick(ask("who_was_right", on(9)), RIGHT) == [
        (0, "none", 1, 0, 0),
        (1, "accepted", 2, 1, 0),
        (1, "lost", 1, 0, 0),
        (1, "recycled", 1, 0, 0),
        (1, "rejected", 1, 1, 1),
    ]
    assert total(ask("who_was_right", on(9) - 1), "opportunities won") == (1, 0)


AGE = "n median_days p90_days with_start median_inbound_days older older_share"


def test_the_age_of_handovers(facts: Facts, ask: Ask) -> None:
    """Ages 1, 2, 30 and 31 days: the element at index 4 × 0.5 = 2 is 30, at floor(3.6) = 3 it is 31; older than 30
    days is one. Inbound 1 day before, of two: element 1 of (1, 3) is 3."""
    for number, age in enumerate((1, 2, 30, 31)):
        facts.assigned(f"L{number}", on(100), cycle_began_at=on(100 - age))
    facts.assigned("x", on(100), inbound_at=on(99))
    facts.assigned("y", on(100), inbound_at=on(97))
    facts.assigned("passed on", on(100), handover=0, cycle_began_at=on(0))
    facts.assigned("outside", on(101), cycle_began_at=on(0))
    facts.write()
    assert one(ask("handover_age", on(200), 100, 101), AGE) == (6, 30, 31, 4, 3, 1, None)
    assert one(ask("handover_age", on(200), 100, 102), "n with_start older") == (7, 5, 2)
    assert one(ask("handover_age", on(100), 100, 102), "n") == (6,), "not assigned yet"
    assert ask("handover_age", on(200), 90, 100) == []


def test_no_share_of_fewer_than_thirty_and_no_age_without_a_start(facts: Facts, ask: Ask) -> None:
    """27 ages of 1 day and 3 of 40: the element at index 0.9 × 30 = 27 is the first of 40."""
    for number in range(30):
        facts.assigned(f"L{number}", on(100), cycle_began_at=on(60 if number < 3 else 99))
    for number in range(29):
        facts.assigned(f"M{number}", on(200), cycle_began_at=on(60))
    facts.assigned("N", on(300))
    facts.write()
    assert one(ask("handover_age", on(400), 100, 101), AGE) == (30, 1, 40, 30, None, 3, 0.1)
    assert one(ask("handover_age", on(400), 200, 201), "with_start older older_share") == (29, 29, None)
    assert one(ask("handover_age", on(400), 300, 301), AGE) == (1, None, None, 0, None, 0, None)


PICKING = "owner hot_n hot_touched rest_n rest_touched hot_share rest_share gap load never never_share"


def assign(facts: Facts, owner: str, number: int, **more: Any) -> None:
    for each in range(number):
        facts.assigned(f"{owner}{each}-{sorted(more.items())}", on(1), owner=owner, ready=1, **more)


def test_a_cherry_picker_calls_the_hot_ones(facts: Facts, ask: Ask) -> None:
    """pat: 30 of 40 hot ones and 10 of 40 others in time: 0.75 − 0.25. few: 29 others are too few for a share."""
    in_time, late = on(1) + HOUR, on(1) + DAY + 1
    assign(facts, "pat", 30, hot=1, touched_at=in_time)
    assign(facts, "pat", 10, hot=1)
    assign(facts, "pat", 10, hot=0, touched_at=on(1) + DAY)
    assign(facts, "pat", 30, hot=0, touched_at=late)
    assign(facts, "few", 30, hot=1, touched_at=in_time)
    assign(facts, "few", 29, hot=0, touched_at=in_time)
    facts.assigned("unready", on(1), owner="new", touched_at=in_time)
    facts.write()
    assert pick(ask("cherry_picking", on(9), 1, 2), PICKING) == [
        ("few", 30, 30, 29, 29, None, None, None, 59, 0, 0.0),
        ("new", 0, 0, 0, 0, None, None, None, 1, 0, None),
        ("pat", 40, 30, 40, 10, 0.75, 0.25, 0.5, 80, 10, 0.125),
    ]
    assert ask("cherry_picking", on(9), 2, 9) == []
    assert ask("cherry_picking", on(9), 0, 1) == []


def test_only_the_settled_are_compared(facts: Facts, ask: Ask) -> None:
    """Two hot leads of day 1: touched an hour later, and never. Their day is over on day 2."""
    facts.assigned("a", on(1), ready=1, hot=1, touched_at=on(1, 1))
    facts.assigned("b", on(1), ready=1, hot=1)
    facts.write()
    names = "hot_n hot_touched load never"
    assert one(ask("cherry_picking", on(1), 1, 2), names) == (0, 0, 2, 2)
    assert one(ask("cherry_picking", on(1, 1), 1, 2), names) == (1, 1, 2, 1)
    assert one(ask("cherry_picking", on(2), 1, 2), names) == (2, 1, 2, 1)
