"""The measures take their times and their least n from the live definition."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.measures.made import Ask, Facts, on, one, total

pytestmark = pytest.mark.slow

Define = Callable[..., None]
NAMES = ("mql_matures", "vanished_after", "customer_within", "regret_within", "old_at_handover", "small_n")


def definition(define: Define, **said: int) -> None:
    """Spans in days, 0 = not said."""
    columns = ", ".join(
        f"toUInt64({said.get(name, 0) * (1 if name == 'small_n' else 86_400)}) AS {name}" for name in NAMES
    )
    define("definition", f"SELECT {columns}")


def some(facts: Facts) -> None:
    """MQL on day 0, ready; heard from on day 10, customer on day 20, handed over on day 50, rejected on day 60, bought
    again on day 70."""
    facts.entry("L", "mql", on(0), ready=1)
    facts.event("L", on(10))
    facts.entry("M", "mql", on(0), ready=1)
    facts.entry("M", "customer", on(20))
    facts.assigned("L", on(50), cycle_began_at=on(10))
    facts.entry("L", "rejected", on(60), 2)
    facts.deal("L", "D", on(70), won=on(70))
    facts.write()


def test_as_the_definition_says(facts: Facts, ask: Ask, define: Define) -> None:
    some(facts)
    definition(
        define, mql_matures=12, vanished_after=2, customer_within=19, regret_within=9, old_at_handover=41, small_n=1
    )
    assert ask("lead_fate", on(12) - 1) == []
    assert {row["fate"] for row in ask("lead_fate", on(12))} == {"vanished"}
    assert total(ask("quality", on(12)), "young") == (0,)
    assert total(ask("quality", on(30)), "ready_mature ready_customers") == (2, 0)
    assert one(ask("handover_age", on(90), 0, 90), "older older_share") == (0, 0.0)
    assert one(ask("regretted_rejection", on(90)), "mature by_person") == (1, 0)


def test_by_default_where_it_says_nothing(facts: Facts, ask: Ask, define: Define) -> None:
    some(facts)
    definition(define)
    assert ask("lead_fate", on(90) - 1) == []
    assert {row["fate"] for row in ask("lead_fate", on(90))} == {"vanished", "advanced"}
    assert total(ask("quality", on(365)), "ready_mature ready_customers") == (2, 1)
    assert one(ask("handover_age", on(90), 0, 90), "older older_share") == (1, None)
    assert one(ask("regretted_rejection", on(90)), "mature by_person") == (0, 1)


@pytest.mark.usefixtures("facts")
def test_without_a_definition_the_defaults_stand(ask: Ask, define: Define) -> None:
    define("definition", "SELECT " + ", ".join(f"toUInt64(1) AS {name}" for name in NAMES) + " WHERE 0")
    (row,) = ask.now("constants")
    assert row == {
        "mql_matures": 90 * 86_400,
        "vanished_after": 30 * 86_400,
        "customer_within": 365 * 86_400,
        "regret_within": 730 * 86_400,
        "old_at_handover": 30 * 86_400,
        "small_n": 30,
    }
