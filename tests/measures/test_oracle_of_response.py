"""The oracle itself, of what happens between hand-over and decision, and of who was put aside."""

from __future__ import annotations

from streams.model import DAY, SECOND
from tests.measures.by_hand import brief, company, day, deal, entry, given, lead, on, owed, touch, way
from tests.measures.oracle import response, turned_down

ALWAYS = on(-1000), on(10_000)
IN_S = DAY / SECOND


def test_who_was_never_called_waited_for_ever() -> None:
    some = company(
        owed("a", "untouched", 0, 1, met=1, office_s=60.0, owner="ann"),
        owed("b", "untouched", 0, 1, met=3, note="nothing logged", owner="ann"),
        owed("c", "untouched", 0, 1, met=2, office_s=90.0, owner="ben"),
        owed("d", "untouched", 0, 1, ended=2, end_kind="voided", owner="ben"),
        owed("e", "undecided", 0, 1, owner="ben"),
    )
    names = ("grain", "owner", "n", "touched", "never", "median_s", "p90_s", "median_office_s")
    assert brief(response.response(some, day(3), *ALWAYS), *names) == [
        ("all", "", 3, 2, 1, 2 * IN_S, None, 90.0),
        ("owner", "ann", 2, 1, 1, None, None, None),
        ("owner", "ben", 1, 1, 0, 2 * IN_S, 2 * IN_S, 90.0),
    ]
    assert brief(response.response(some, day(1.5), *ALWAYS), "grain", "owner", "n", "touched")[0] == ("all", "", 4, 1)
    assert response.response(some, day(3), on(1), on(9)) == []
    waits = brief(response.response_leads(some, day(3)), "lead_id", "touched_at", "wait_s")
    assert waits == [("a", day(1), IN_S), ("b", None, None), ("c", day(2), 2 * IN_S)]


def test_cherry_picking_looks_at_settled_assignments_only() -> None:
    some = company(
        given("a", 0, ready=1, hot=1, touched=1),
        given("b", 0, ready=1, hot=1, touched=2),  # too late
        given("c", 0, ready=1, touched=0.5),
        given("d", 0, ready=1),
        given("e", 0, touched=0.1),  # the definition was not met
        given("f", 3, ready=1),  # still has time
    )
    names = (
        "hot_n",
        "hot_touched",
        "rest_n",
        "rest_touched",
        "hot_share",
        "rest_share",
        "gap",
        "load",
        "never",
        "never_share",
    )
    assert brief(response.cherry_picking(some, day(3.5), *ALWAYS), *names) == [
        (2, 1, 2, 1, 0.5, 0.5, 0.0, 6, 2, 2 / 6),
    ]
    assert brief(response.cherry_picking(some, day(0.6), *ALWAYS), *names) == [
        (0, 0, 1, 1, None, None, None, 5, 3, 3 / 5),
    ]


def test_age_at_handover_from_the_inquiry_of_the_cycle() -> None:
    some = company(
        given("a", 40, cycle_began=10, inbound=39),
        given("b", 40, cycle_began=9),
        given("c", 40),
        given("d", 41, handover=0, cycle_began=0),
    )
    names = ("n", "with_start", "median_days", "p90_days", "median_inbound_days", "older", "older_share")
    assert brief(response.handover_age(some, day(50), *ALWAYS), *names) == [(3, 2, 31.0, 31.0, 1.0, 1, 0.5)]


def test_a_rejection_is_regretted_by_the_person_or_else_by_the_account() -> None:
    some = company(
        lead("a", account="A"),
        way("a", "mql 0 rejected 1", reason_class="budget"),
        lead("b", account="A"),
        way("b", "mql 0 rejected 5"),
        lead("c"),
        way("c", "mql 0 rejected 1"),
        deal("a", "D", 5, won=9, account="A"),
        deal("", "N", 6, won=800),
    )
    names = ("day", "reason_class", "rejected", "by_person", "by_account", "mature", "mature_by_person")
    assert brief(turned_down.regretted_rejection(some, day(731)), *names) == [
        (on(1), "", 1, 0, 0, 1, 0),
        (on(1), "budget", 1, 1, 0, 1, 1),
        (on(5), "", 1, 0, 0, 0, 0),  # the account's deal was made when b was rejected, not later
    ]
    assert brief(turned_down.regretted_rejection(some, day(8)), *names[1:4]) == [
        ("", 1, 0),
        ("", 1, 0),
        ("budget", 1, 0),
    ]
    others = company(lead("b", account="A"), *way("b", "rejected 4"), deal("a", "D", 5, won=9, account="A"))
    assert brief(turned_down.regretted_rejection(others, day(9)), "by_person", "by_account") == [(0, 1)]


def test_recycling_and_what_lapsed_meanwhile() -> None:
    some = company(
        entry("a", "nurture", 0, left=9),
        entry("a", "mql", 9, cycle=2),
        entry("b", "nurture", 0),
        owed("b", "nurture_lapsed", 0, 90),
        owed("a", "nurture_lapsed", 9, 9.5),  # of the time after
    )
    names = ("nurtured", "mql_again", "customers", "lapsed", "left")
    assert brief(turned_down.recycling(some, day(90)), *names) == [(2, 1, 0, 1, 1)]
    assert brief(turned_down.recycling(some, day(8)), *names) == [(2, 0, 0, 0, 0)]


def test_effect_of_nurture_on_those_of_one_band() -> None:
    some = company(
        way("a", "mql 0 nurture 5 opportunity 20", ready=1),
        deal("a", "A", 20, won=30, amount=100.0),
        way("b", "mql 0 opportunity 5 nurture 20", ready=1),  # nurtured too late to have helped
        way("c", "mql 1", hot=1),
        touch("c", 2),
    )
    names = ("nurtured", "score_band", "leads", "opportunities", "won", "amount_sum", "days_median", "opportunity_rate")
    assert brief(turned_down.nurture_effect(some, day(30), *ALWAYS), *names) == [
        (0, "hot", 1, 0, 0, 0, None, None),
        (0, "ready", 1, 1, 0, 0, None, None),
        (1, "ready", 1, 1, 1, 100.0, 30.0, None),
    ]
    assert brief(turned_down.nurture_effect(some, day(10), *ALWAYS), *names[:4])[1:] == [
        (0, "ready", 1, 1),
        (1, "ready", 1, 0),
    ]
