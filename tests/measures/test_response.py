from __future__ import annotations

import pytest

from tests.measures.made import Ask, Facts, on, one, pick
from tests.sinks.rows import SECOND

pytestmark = pytest.mark.slow

RESPONSE = "grain owner n touched never median_s p90_s median_office_s p90_office_s"


def untouched(facts: Facts, lead: str, day: int, after_s: int | None, owner: str = "ann", **more: object) -> None:
    opened = on(day)
    met = {} if after_s is None else {"met_at": opened + after_s * SECOND, "office_s": after_s / 10}
    facts.owed(lead, "untouched", opened, on(day + 1), owner=owner, **met | more)


def test_untouched_ones_waited_forever(facts: Facts, ask: Ask) -> None:
    """ann: 10 s, 20 s, 30 s and one never: index 2 is 30 s, index 3 is forever. bob: 5 s. All five: 5 10 20 30 ∞."""
    for number, after in enumerate((10, 20, 30, None)):
        untouched(facts, f"L{number}", 1, after)
    untouched(facts, "B", 1, 5, owner="bob")
    facts.owed("X", "undecided", on(1), on(2))
    untouched(facts, "next day", 2, 1)
    facts.write()
    assert pick(ask("response", on(9), 1, 2), RESPONSE) == [
        ("all", "", 5, 4, 1, 20, None, 2, None),
        ("owner", "ann", 4, 3, 1, 30, None, 3, None),
        ("owner", "bob", 1, 1, 0, 5, 5, 0.5, 0.5),
    ]
    assert ask("response", on(9), 3, 9) == []


def test_most_untouched_no_median(facts: Facts, ask: Ask) -> None:
    untouched(facts, "a", 1, 10)
    untouched(facts, "b", 1, None)
    facts.write()
    assert pick(ask("response", on(9), 1, 2), RESPONSE)[0] == ("all", "", 2, 1, 1, None, None, None, None)


def test_a_touch_counts_once_it_has_happened(facts: Facts, ask: Ask) -> None:
    untouched(facts, "a", 1, 10)
    facts.write()
    names = "n touched never median_s"
    assert pick(ask("response", on(1) + 9 * SECOND, 1, 2), names) == [(1, 0, 1, None)] * 2
    assert pick(ask("response", on(1) + 10 * SECOND, 1, 2), names) == [(1, 1, 0, 10)] * 2
    assert ask("response", on(1) - 1, 1, 2) == []


def test_moving_on_with_nothing_logged_is_no_touch_and_junk_is_left_out(facts: Facts, ask: Ask) -> None:
    untouched(facts, "silent", 1, 10, note="nothing logged")
    untouched(facts, "refused", 1, None, ended_at=on(1, 1), end_kind="lost")
    untouched(facts, "junk", 1, None, ended_at=on(1, 1), end_kind="voided")
    untouched(facts, "called", 1, 60, channel="email", hot=1)
    facts.write()
    assert one(ask("response", on(9), 1, 2)[:1], "n touched never") == (3, 1, 2)
    rows = ask("response_leads", on(9))
    assert pick(rows, "lead_id wait_s office_s hot channel") == [
        ("called", 60, 6, 1, "email"),
        ("refused", None, None, 0, ""),
        ("silent", None, None, 0, ""),
    ]
    assert {row["lead_id"] for row in rows if row["touched_at"]} == {"called"}
    assert {row["lead_id"] for row in ask("response_leads", on(1))} == {"silent", "refused", "junk", "called"}


def test_a_touch_without_office_time_is_left_out_of_it_alone(facts: Facts, ask: Ask) -> None:
    untouched(facts, "wall", 1, 10, office_s=None)
    untouched(facts, "office", 2, 20)
    facts.write()
    assert pick(ask("response", on(9), 1, 2), RESPONSE)[0] == ("all", "", 1, 1, 0, 10, 10, None, None)
    assert pick(ask("response", on(9), 1, 3), RESPONSE)[0] == ("all", "", 2, 2, 0, 20, 20, 2, 2)
