"""The measures take their times and their least n from the live definition."""

from __future__ import annotations

import json

import pytest

from sinks.client import Client
from sinks.definitions import register
from tests.measures.made import Ask, Facts, on, one, total

pytestmark = pytest.mark.slow


def agreed(client: Client, generation: int, small_n: int = 0, **days: int) -> None:
    """A definition that says this much of measures, and nothing else."""
    said = {name: f"{number} days" for name, number in days.items()} | {"small_n": small_n}
    register(client, generation, "v1", json.dumps({"measures": said}), [])


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


def test_as_the_definition_says(client: Client, generation: int, facts: Facts, ask: Ask) -> None:
    some(facts)
    spans = {"mql_matures": 12, "vanished_after": 2, "customer_within": 19, "regret_within": 9, "old_at_handover": 41}
    agreed(client, generation, small_n=1, **spans)
    assert ask("lead_fate", on(12) - 1) == []
    assert {row["fate"] for row in ask("lead_fate", on(12))} == {"vanished"}
    assert total(ask("quality", on(12)), "young") == (0,)
    assert total(ask("quality", on(30)), "ready_mature ready_customers") == (2, 0)
    assert one(ask("handover_age", on(90), 0, 90), "older older_share") == (0, 0.0)
    assert one(ask("regretted_rejection", on(90)), "mature by_person") == (1, 0)


def test_by_default_where_it_says_nothing(client: Client, generation: int, facts: Facts, ask: Ask) -> None:
    some(facts)
    agreed(client, generation)
    assert ask("lead_fate", on(90) - 1) == []
    assert {row["fate"] for row in ask("lead_fate", on(90))} == {"vanished", "advanced"}
    assert total(ask("quality", on(365)), "ready_mature ready_customers") == (2, 1)
    assert one(ask("handover_age", on(90), 0, 90), "older older_share") == (1, None)
    assert one(ask("regretted_rejection", on(90)), "mature by_person") == (0, 1)


@pytest.mark.usefixtures("facts")
def test_without_a_definition_the_defaults_stand(ask: Ask) -> None:
    (row,) = ask.now("constants")
    assert row == {
        "mql_matures": 90 * 86_400,
        "vanished_after": 30 * 86_400,
        "customer_within": 365 * 86_400,
        "regret_within": 730 * 86_400,
        "old_at_handover": 30 * 86_400,
        "influence_look_back": 730 * 86_400,
        "small_n": 30,
        "committee_size": 21,
        "satisfied_at": 0.9,
        "calendar": "",
        "marketing_channels": [],
        "origin_kinds": {},
        "generated_by": {},
    }
