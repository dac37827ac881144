from __future__ import annotations

import pytest

from tests.measures.made import Ask, Facts, as_date, on, one, pick, total

pytestmark = pytest.mark.slow

STEPS = "leads inquiries mql sal sql opportunities customers revenue"


def test_a_cohort_grows_with_time_and_what_was_skipped_is_imputed(facts: Facts, ask: Ask) -> None:
    facts.lead("L", on(0, 10), channel="email")
    for stage, day in {"inquiry": 0, "mql": 10, "sql": 20, "opportunity": 30, "customer": 40}.items():
        facts.entry("L", stage, on(day, 10))
    facts.deal("L", "D", on(30), won=on(40))
    facts.deal("L", "later", on(41), won=on(45))
    facts.deal("L", "renewal", on(41), won=on(41), kind="renewal")
    facts.write()
    assert one(ask("closed_loop", on(15)), STEPS) == (1, 1, 1, 0, 0, 0, 0, 0)
    assert one(ask("closed_loop", on(25)), STEPS) == (1, 1, 1, 1, 1, 0, 0, 0), "sal was jumped over"
    assert one(ask("closed_loop", on(44)), STEPS) == (1, 1, 1, 1, 1, 1, 1, 100), "one deal was won by then"
    assert one(ask("closed_loop", on(50)), STEPS) == (1, 1, 1, 1, 1, 1, 1, 200)
    assert one(ask("closed_loop", on(50)), "day month channel first_stage currencies") == (
        as_date(0), as_date(0), "email", "inquiry", "EUR"
    )  # fmt: skip


def test_a_lead_that_begins_later_and_a_device_seen_later_are_not_there(facts: Facts, ask: Ask) -> None:
    facts.lead("L", on(3))
    facts.put("visits", "d", "s1", started_at=on(2), ended_at=on(2), channel="email")
    facts.put("visits", "d", "s2", started_at=on(9), ended_at=on(9), channel="direct_traffic")
    facts.write()
    assert ask("closed_loop", on(2) - 1) == []
    assert pick(ask("closed_loop", on(2)), "day channel visitors leads") == [(as_date(2), "email", 1, 0)]
    assert total(ask("closed_loop", on(3)), "visitors leads") == (1, 1)


def test_a_lead_from_the_side_and_one_that_only_fell_back(facts: Facts, ask: Ask) -> None:
    facts.lead("side", on(0))
    facts.entry("side", "opportunity", on(1))
    facts.entry("side", "mql", on(2), regressed=1)
    facts.lead("name", on(0))
    facts.entry("name", "customer", on(1), regressed=1)
    facts.write()
    assert pick(ask("closed_loop", on(5)), "first_stage leads inquiries mql opportunities customers") == [
        ("", 1, 0, 0, 0, 0),
        ("opportunity", 1, 0, 0, 1, 0),
    ]


def test_a_cohort_is_young_until_the_whole_of_its_day_is_old_enough(facts: Facts, ask: Ask) -> None:
    facts.lead("L", on(0))
    facts.write()
    for at, expected in ((on(90) - 1, (1, 1)), (on(90), (0, 1)), (on(365) - 1, (0, 1)), (on(365), (0, 0))):
        assert one(ask("closed_loop", at), "young young_for_customers") == expected


ACTIVITY = "day inquiries mql sal sql opportunities customers"


def test_activity_counts_each_lead_once_per_day_stage_and_segments(facts: Facts, ask: Ask) -> None:
    facts.entry("L", "mql", on(1, 1), channel="email")
    facts.entry("L", "mql", on(1, 9), 2, channel="email")
    facts.entry("M", "mql", on(1, 9), channel="email")
    facts.entry("L", "mql", on(2, 1), 3, channel="email")
    facts.entry("L", "sal", on(2, 2), 3, channel="email", regressed=1)
    facts.entry("L", "nurture", on(2, 3), 3, channel="email")
    facts.write()
    assert pick(ask("closed_loop_activity", on(9)), ACTIVITY) == [
        (as_date(1), 0, 2, 0, 0, 0, 0),
        (as_date(2), 0, 1, 0, 0, 0, 0),
    ]
    assert total(ask("closed_loop_activity", on(1, 2)), "mql") == (1,)


def test_activity_imputes_nothing_and_counts_what_accounts_alone_bought(facts: Facts, ask: Ask) -> None:
    facts.lead("L", size_band="small", industry="steel", region="dach")
    facts.entry("L", "customer", on(3), channel="email", origin="marketing")
    facts.deal("L", "D", on(1), won=on(3), channel="email", origin="marketing")
    facts.deal("", "A", on(1), won=on(3, 1), origin="unknown", amount=7.0)
    facts.deal("L", "open", on(1), channel="email")
    facts.deal("L", "lost", on(1), won=on(3), status="lost")
    facts.deal("L", "more", on(1), won=on(3), kind="expansion")
    facts.put("visits", "d", "s", started_at=on(3), ended_at=on(3), channel="email")
    facts.write()
    names = "channel origin size_band industry region visitors sql customers won revenue"
    assert pick(ask("closed_loop_activity", on(9)), names) == [
        ("", "unknown", "", "", "", 0, 0, 0, 1, 7),
        ("email", "", "", "", "", 1, 0, 0, 0, 0),
        ("email", "marketing", "", "", "", 0, 0, 1, 0, 0),
        ("email", "marketing", "small", "steel", "dach", 0, 0, 0, 1, 100),
    ]
    assert total(ask("closed_loop_activity", on(3)), "won revenue") == (1, 100)
