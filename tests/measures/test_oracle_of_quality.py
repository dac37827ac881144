"""The oracle itself, on companies of a few leads, worked out by hand: what was promised, and what came of it."""

from __future__ import annotations

from tests.measures.by_hand import brief, company, day, entry, event, given, lead, on, owed, way
from tests.measures.oracle import leaks, quality, quantity
from tests.measures.oracle.words import quantile

ALWAYS = on(-1000), on(10_000)


def test_what_nothing_could_meet_is_not_measured() -> None:
    some = company(
        owed("a", "untouched", 0, 1),
        owed("a", "unrouted", 0, 1, met=0, met_by="x", cause="x"),
        owed("a", "handoff", 0, 1, met=2, met_by="y"),
        entry("a", "opportunity", 2),
        given("a", 0),
    )
    rows = leaks.measured(some, day(3))
    assert brief(rows, "kind", "opened", "met", "met_apart", "evidence", "measured", "why") == [
        ("handoff", 1, 1, 1, 1, 1, ""),
        ("unqualified_handover", 0, 0, 0, 1, 1, ""),
        ("unrouted", 1, 1, 0, 1, 0, leaks.THE_SAME),
        ("untouched", 1, 0, 0, 0, 0, leaks.NEVER_SEEN),
    ]
    seen = company(*[("obligations", row) for row in some.facts("obligations")], event("b", 3, "sales_touch"))
    assert ("untouched", 1) in brief(leaks.measured(seen, day(3)), "kind", "measured")
    assert ("untouched", 0) in brief(leaks.measured(seen, day(2)), "kind", "measured")


def test_leak_rate_leaves_out_the_voided_and_what_is_not_due() -> None:
    some = company(
        owed("a", "k", 0, 1),
        owed("b", "k", 0, 1, met=2),
        owed("c", "k", 0, 1, met=1),
        owed("d", "k", 0, 1, ended=0.5, end_kind="voided"),
        owed("e", "k", 0, 9, ended=0.5, end_kind="lost"),
    )
    names = ("day", "due", "leaking", "recovered", "lost", "met", "voided")
    assert brief(leaks.leak_rate(some, day(3)), *names) == [(on(1), 3, 1, 1, 0, 1, 1), (on(9), 0, 0, 0, 0, 0, 0)]
    assert brief(leaks.leak_rate(some, day(9)), "lost") == [(0,), (1,)]


def test_each_mature_mql_has_one_fate() -> None:
    some = company(
        *(lead(name) for name in "abcdef"),
        way("a", "mql 0 rejected 1 sal 2"),
        way("b", "mql 0 rejected 1 nurture 1", reason="no money"),
        way("c", "mql 0 nurture 1 rejected 1.5", reason_class="budget"),
        way("d", "mql 0"),
        event("d", 70),
        way("e", "mql 0"),
        event("e", 60),
        way("f", "mql 1"),
        way("g", "mql 0 rejected 2", reason="no money"),
    )
    assert brief(quality.lead_fate(some, day(90)), "fate", "reason", "n") == [
        ("advanced", "", 1),
        ("nurtured", "", 2),  # b: at one instant nurture comes first
        ("open", "", 1),
        ("rejected", "no money", 1),
        ("vanished", "", 1),
    ]


def test_quantity_is_measured_by_working_days() -> None:
    target = {
        "first_day": on(0),
        "last_day": on(13),
        "region": "dach",
        "industry": "",
        "stage": "mql",
        "origin": "",
        "leads": 10,
    }
    some = company(
        way("a", "mql 0 sal 1", region="dach"),
        way("b", "mql 8", region="dach"),
        way("c", "mql 2", region="france"),
        targets=[target],
    )
    names = ("target_to_date", "delivered", "accepted", "share", "accepted_share", "satisfied")
    assert brief(quantity.quantity(some, day(0.5)), *names) == [(1.0, 1, 0, 1.0, 0.0, 1)]
    assert brief(quantity.quantity(some, day(6)), *names) == [(5.0, 1, 1, 0.2, 0.2, 0)]
    assert brief(quantity.quantity(some, day(40)), *names) == [(10.0, 2, 1, 0.2, 0.1, 0)]
    assert brief(quantity.quantity(some, day(-1)), *names) == [(0.0, 0, 0, None, None, 0)]


def test_quality_of_an_mql_by_what_became_of_it() -> None:
    some = company(
        way("a", "mql 0 nurture 5", ready=1),
        entry("a", "mql", 10, cycle=2),
        entry("a", "customer", 365, cycle=2),
        given("a", -1, cycle=0),
        way("b", "mql 0 rejected 3"),
    )
    names = (
        "day",
        "mql",
        "handed_over",
        "accepted",
        "decided",
        "opportunities",
        "customers",
        "ready_mature",
        "ready_customers",
    )
    assert brief(quality.quality(some, day(365)), *names) == [
        (on(0), 2, 1, 0, 1, 1, 1, 1, 1),
        (on(10), 1, 0, 1, 1, 1, 1, 0, 0),
    ]
    assert brief(quality.quality(some, day(364)), *names)[0] == (on(0), 2, 1, 0, 1, 0, 0, 0, 0)


def test_who_was_right_and_quality_of_handovers() -> None:
    some = company(
        given("a", 0, ready=1, decided=2, decision="rejected"),
        entry("a", "opportunity", 9),
        given("b", 0, decided=2, decision="sql"),
        given("b", 1, handover=0),
    )
    names = ("ready", "decision", "n", "opportunities", "won")
    assert brief(quality.who_was_right(some, day(9)), *names) == [(0, "accepted", 1, 0, 0), (1, "rejected", 1, 1, 0)]
    assert brief(quality.who_was_right(some, day(1)), *names) == [(0, "none", 1, 0, 0), (1, "none", 1, 0, 0)]
    assert brief(quality.handover_quality(some, day(9)), "owner", "handovers", "ready") == [("ann", 2, 1)]


def test_quantile_is_an_element_of_the_list() -> None:
    assert [quantile(0.5, range(n)) for n in (1, 2, 3)] == [0, 1, 1]
    assert quantile(0.9, range(10)) == 9
    assert quantile(0.5, [3.0, None, None]) is None
    assert quantile(0.5, []) is None
