"""Lead fate, regretted rejections, recycling."""

from __future__ import annotations

import pytest

from tests.measures.made import Ask, Facts, as_date, on, one, pick, total

pytestmark = pytest.mark.slow

FATE = "fate reason n"


def test_each_mature_mql_is_in_one_bin(facts: Facts, ask: Ask) -> None:
    """As of day 100 MQLs of day 10 and before are mature; silent since before day 70 means vanished."""
    for lead in ("advanced", "classed", "said", "bare", "nurtured", "lost", "open", "vanished"):
        facts.entry(lead, "mql", on(10), owner="ann")
    facts.entry("young", "mql", on(10) + 1, owner="ann")
    facts.entry("advanced", "sql", on(11))
    facts.entry("classed", "rejected", on(12), reason="we know it", reason_class="timing")
    facts.entry("said", "rejected", on(12), reason="we know it")
    facts.entry("bare", "rejected", on(12))
    facts.entry("nurtured", "nurture", on(12))
    facts.entry("nurtured", "rejected", on(13))
    facts.entry("lost", "lost", on(12))
    facts.event("open", on(70) + 1)
    facts.event("vanished", on(70))
    facts.event("vanished", on(100) + 1)
    facts.write()
    rows = ask("lead_fate", on(100))
    assert pick(rows, FATE) == [
        ("advanced", "", 1),
        ("lost", "", 1),
        ("nurtured", "", 1),
        ("open", "", 1),
        ("rejected", "none given", 1),
        ("rejected", "timing", 1),
        ("rejected", "we know it", 1),
        ("vanished", "", 1),
    ]
    assert {(row["day"], row["owner"]) for row in rows} == {(as_date(10), "ann")}
    assert total(ask("lead_fate", on(100) + 1), "n") == (9,), "an event counts to the microsecond"


def test_a_fate_is_that_of_its_cycle_as_far_as_known(facts: Facts, ask: Ask) -> None:
    """Rejected on day 150 in cycle 1, MQL again on day 160, SAL on day 170 in cycle 2; heard from on day 149."""
    facts.entry("L", "mql", on(10), channel="email")
    facts.entry("L", "mql", on(11), channel="second entry of the cycle")
    facts.event("L", on(149))
    facts.entry("L", "rejected", on(150), reason_class="timing")
    facts.entry("L", "mql", on(160), 2, channel="web")
    facts.entry("L", "sal", on(170), 2)
    facts.write()
    names = "channel fate reason n"
    assert ask("lead_fate", on(99)) == []
    assert pick(ask("lead_fate", on(140)), names) == [("email", "vanished", "", 1)]
    assert pick(ask("lead_fate", on(149)), names) == [("email", "open", "", 1)]
    assert pick(ask("lead_fate", on(150)), names) == [("email", "rejected", "timing", 1)]
    assert pick(ask("lead_fate", on(250)), names) == [
        ("email", "rejected", "timing", 1),
        ("web", "advanced", "", 1),
    ]


def test_an_aside_before_the_mql_or_a_regressed_sal_is_no_fate(facts: Facts, ask: Ask) -> None:
    facts.entry("L", "nurture", on(1))
    facts.entry("L", "mql", on(2))
    facts.entry("L", "sal", on(3), regressed=1)
    facts.entry("same", "mql", on(2))
    facts.entry("same", "rejected", on(2))
    facts.entry("back", "rejected", on(1))
    facts.entry("back", "mql", on(2), regressed=1)
    facts.write()
    assert pick(ask("lead_fate", on(200)), FATE) == [("rejected", "none given", 1), ("vanished", "", 1)]


REGRET = "rejected by_person by_account mature mature_by_person mature_by_account"


def test_a_rejection_is_regretted_when_the_person_or_the_account_buys_later(facts: Facts, ask: Ask) -> None:
    """Rejected on day 0; 24 months are 730 days. Deals of others on account acme: too early, too late, in time."""
    accounts = {"person": "acme", "account": "acme", "alone": "", "early": "b", "late": "c", "open": "d"}
    for lead, account in accounts.items():
        facts.lead(lead, account=account)
        facts.entry(lead, "rejected", on(0), reason_class="timing", owner="ann")
    facts.deal("person", "P", on(10), won=on(20), account="other")
    facts.deal("", "A", on(30), won=on(40), account="acme")
    facts.deal("", "N", on(30), won=on(40), account="")
    facts.deal("early", "E", on(0), won=on(20), account="b")
    facts.deal("late", "X", on(730) + 1, won=on(740), account="c")
    facts.deal("open", "O", on(5), account="d")
    facts.write()
    assert one(ask("regretted_rejection", on(19)), REGRET) == (6, 0, 0, 0, 0, 0)
    assert one(ask("regretted_rejection", on(20)), REGRET) == (6, 1, 0, 0, 0, 0)
    assert one(ask("regretted_rejection", on(730) - 1), REGRET) == (6, 1, 1, 0, 0, 0), "not the person twice"
    assert one(ask("regretted_rejection", on(800)), REGRET) == (6, 1, 1, 6, 1, 1)
    assert one(ask("regretted_rejection", on(800)), "day reason_class owner") == (as_date(0), "timing", "ann")


def test_a_colleague_buys_within_24_months_to_the_microsecond(facts: Facts, ask: Ask) -> None:
    facts.lead("L", account="acme")
    facts.entry("L", "rejected", on(0))
    facts.deal("colleague", "D", on(730), won=on(900), account="acme")
    facts.write()
    assert one(ask("regretted_rejection", on(900)), REGRET) == (1, 0, 1, 1, 0, 1)


def test_a_lead_is_rejected_once_per_cycle_and_its_own_deal_is_no_colleagues(facts: Facts, ask: Ask) -> None:
    facts.lead("L", account="acme")
    facts.entry("L", "rejected", on(0))
    facts.entry("L", "rejected", on(1))
    facts.entry("L", "rejected", on(50), 2)
    facts.deal("L", "D", on(40), won=on(60), account="acme")
    facts.write()
    rows = ask("regretted_rejection", on(100))
    assert pick(rows, "day rejected by_person by_account") == [(as_date(0), 1, 1, 0), (as_date(50), 1, 0, 0)]


RECYCLED = "cycle nurtured mql_again customers lapsed left"


def test_nurture_is_followed_by_entry_and_cycle(facts: Facts, ask: Ask) -> None:
    """Cycle 1: nurture on days 10–20, MQL on day 20, in cycle 2 nurture from day 30, customer on day 50."""
    facts.entry("L", "mql", on(1))
    facts.entry("L", "nurture", on(10), left_at=on(20), next="mql")
    facts.entry("L", "mql", on(20), 2)
    facts.entry("L", "nurture", on(30), 2, left_at=on(50), next="customer")
    facts.entry("L", "mql", on(40), 2, regressed=1)
    facts.entry("L", "customer", on(50), 2)
    facts.write()
    assert pick(ask("recycling", on(19)), RECYCLED) == [(1, 1, 0, 0, 0, 0)]
    assert pick(ask("recycling", on(20)), RECYCLED) == [(1, 1, 1, 0, 0, 1)]
    assert pick(ask("recycling", on(60)), RECYCLED) == [(1, 1, 1, 1, 0, 1), (2, 1, 0, 1, 0, 1)]


def test_a_lapse_belongs_to_the_nurture_in_which_it_was_owed(facts: Facts, ask: Ask) -> None:
    """Two nurtures, days 10–20 and from day 40; owed from day 10 (met late, day 17) and from day 40 (due day 45)."""
    facts.entry("L", "nurture", on(10), left_at=on(20), next="mql")
    facts.entry("L", "nurture", on(40), 2)
    facts.owed("L", "nurture_lapsed", on(10), on(15), met_at=on(17))
    facts.owed("L", "nurture_lapsed", on(17), on(90), ended_at=on(20), end_kind="voided")
    facts.owed("L", "nurture_lapsed", on(40), on(45))
    facts.owed("L", "aged", on(10), on(11))
    facts.owed("M", "nurture_lapsed", on(10), on(11))
    facts.write()
    lapsed = "day lapsed"
    assert pick(ask("recycling", on(14)), lapsed) == [(as_date(10), 0)]
    assert pick(ask("recycling", on(15)), lapsed) == [(as_date(10), 1)]
    assert pick(ask("recycling", on(44)), lapsed) == [(as_date(10), 1), (as_date(40), 0)]
    assert pick(ask("recycling", on(45)), lapsed) == [(as_date(10), 1), (as_date(40), 1)]


def test_a_lapse_after_it_was_left_is_not_of_that_nurture(facts: Facts, ask: Ask) -> None:
    facts.entry("L", "nurture", on(10), left_at=on(20), next="mql")
    facts.entry("L", "nurture", on(20), 2)
    facts.owed("L", "nurture_lapsed", on(20), on(25))
    facts.write()
    assert pick(ask("recycling", on(25)), "day lapsed") == [(as_date(10), 0), (as_date(20), 1)]
