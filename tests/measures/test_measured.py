from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.measures.made import Ask, Facts, on, one, pick

pytestmark = pytest.mark.slow

Define = Callable[..., None]
NOTHING, SAME = "nothing that could meet it was ever seen", "what opens it and what meets it is one and the same event"


@pytest.fixture
def kinds(define: Define) -> None:
    rows = ", ".join(
        f"('{kind}', {moments}, {stages}, {has})"
        for kind, moments, stages, has in (
            ("call", ["called", "mailed"], ["sal", "later"], []),
            ("away", [], ["aside"], []),
            ("owner", [], [], ["person_owner"]),
            ("record", [], [], ["live_record"]),
            ("ready", [], [], ["sales_ready"]),
        )
    )
    define(
        "definition_obligations",
        "SELECT k.1 AS kind, 'sales' AS owed_by, toUInt8(0) AS rolling,"
        " CAST(k.2, 'Array(String)') AS meets_moments, CAST(k.3, 'Array(String)') AS meets_stages,"
        f" CAST(k.4, 'Array(String)') AS meets_has FROM (SELECT arrayJoin([{rows}]) AS k)",
    )


def evidence(ask: Ask, at: int) -> dict[str, int]:
    return dict(pick(ask("measured", at), "kind evidence"))


@pytest.mark.usefixtures("kinds")
def test_evidence_is_what_could_meet_it_by_then(facts: Facts, ask: Ask) -> None:
    """Day 1: one event with both moments, one with none that counts. Day 2: an entry, an owner, a record."""
    facts.event("L", on(1), "called", "mailed", "visit")
    facts.event("L", on(1), "visit")
    facts.entry("L", "sal", on(2))
    facts.entry("M", "sal", on(2), regressed=1)
    facts.entry("M", "mql", on(2))
    facts.entry("N", "lost", on(2))
    facts.assigned("L", on(2))
    facts.put("lead_identifiers", "L", "crm_lead:1", kind="crm_lead", record_id="1", first_seen=on(2))
    facts.put("lead_identifiers", "L", "email:x", kind="email", first_seen=on(2))
    facts.write()
    assert evidence(ask, on(1) - 1) == {"call": 0, "owner": 0, "record": 0, "ready": 1, "away": 0}
    assert evidence(ask, on(1)) == {"call": 1, "owner": 0, "record": 0, "ready": 1, "away": 0}
    assert evidence(ask, on(2)) == {"call": 2, "owner": 1, "record": 1, "ready": 1, "away": 1}


@pytest.mark.usefixtures("kinds")
def test_not_measured_where_nothing_could_ever_meet_it(facts: Facts, ask: Ask) -> None:
    for kind in ("call", "ready", "other"):
        facts.owed("L", kind, on(1), on(3))
    facts.event("L", on(5), "called")
    facts.write()
    names = "kind opened past_due measured why"
    assert pick(ask("measured", on(2)), names) == [
        ("away", 0, 0, 1, ""),
        ("call", 1, 0, 0, NOTHING),
        ("other", 1, 0, 1, ""),
        ("owner", 0, 0, 1, ""),
        ("ready", 1, 0, 1, ""),
        ("record", 0, 0, 1, ""),
    ]
    assert ("call", 1, 1, 1, "") in pick(ask("measured", on(5)), names), "by then a call was seen"
    assert dict(pick(ask("leak_rate", on(2)), "kind measured")) == {"call": 0, "other": 1, "ready": 1}


@pytest.mark.usefixtures("kinds")
def test_not_measured_while_the_same_event_opens_and_meets_all_that_was_due(facts: Facts, ask: Ask) -> None:
    """Met by its own opener: due day 2 and day 9. Voided: due day 2. Leaking from day 10, met by a call on day 11."""
    facts.event("L", on(0), "called")
    facts.owed("A", "call", on(1), on(2), met_at=on(1), cause="a", met_by="a")
    facts.owed("B", "call", on(1), on(9), met_at=on(1), cause="b", met_by="b")
    facts.owed("C", "call", on(1), on(2), ended_at=on(2) - 1, end_kind="voided", cause="c")
    facts.owed("D", "call", on(1), on(10), met_at=on(11), cause="d", met_by="x")
    facts.write()

    def call(at: int) -> tuple[object, ...]:
        rows = [row for row in ask("measured", at) if row["kind"] == "call"]
        return one(rows, "opened met_apart met lost past_due measured why")

    assert call(on(1, 1)) == (4, 0, 0, 0, 0, 1, ""), "nothing was due yet"
    assert call(on(3)) == (4, 0, 1, 0, 1, 0, SAME)
    assert call(on(9)) == (4, 0, 2, 0, 2, 0, SAME)
    assert call(on(10)) == (4, 0, 2, 0, 3, 1, ""), "one leaks"
    assert call(on(11)) == (4, 1, 3, 0, 3, 1, "")
    assert {row["measured"] for row in ask("leak_rate", on(3))} == {0}
    assert {row["measured"] for row in ask("leak_rate", on(11))} == {1}
