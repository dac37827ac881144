"""What holds for every measure: nothing of nothing, of other generations or of the future, whoever asks."""

from __future__ import annotations

import pytest

from sinks.client import Client, connect
from sinks.clock import set_clock
from sinks.live import promote
from sinks.migrate import scripts
from tests.measures.made import Ask, Facts, on
from tests.support.clickhouse import LocalClickHouse

pytestmark = pytest.mark.slow

SEGMENTS = "channel origin size_band industry region"
COLUMNS = {
    "closed_loop": f"as_of day month {SEGMENTS} first_stage young young_for_customers visitors leads inquiries mql sal"
    " sql opportunities customers revenue currencies",
    "closed_loop_activity": f"as_of day {SEGMENTS} visitors inquiries mql sal sql opportunities customers won revenue",
    "measured": "as_of kind opened met_apart met lost past_due evidence measured why",
    "leak_rate": f"as_of day kind owed_by owner {SEGMENTS} rolling due leaking recovered lost met open warned voided"
    " measured",
    "lead_fate": f"as_of day {SEGMENTS} owner fate reason n",
    "quality": f"as_of day {SEGMENTS} owner mql handed_over accepted decided opportunities customers ready ready_mature"
    " ready_customers young",
    "handover_quality": f"as_of day {SEGMENTS} owner handovers ready",
    "who_was_right": f"as_of day {SEGMENTS} owner ready decision n opportunities won",
    "response": "as_of grain owner n touched never median_s p90_s median_office_s p90_office_s",
    "response_leads": f"as_of lead_id cycle owner opened_at touched_at wait_s office_s hot {SEGMENTS}",
    "cherry_picking": "as_of owner hot_n hot_touched rest_n rest_touched hot_share rest_share gap load never"
    " never_share",
    "regretted_rejection": f"as_of day {SEGMENTS} reason_class owner rejected by_person by_account mature"
    " mature_by_person mature_by_account",
    "recycling": f"as_of day {SEGMENTS} cycle nurtured mql_again customers lapsed left",
    "handover_age": "as_of n median_days p90_days with_start median_inbound_days older older_share",
}
PERIODS = {"response", "cherry_picking", "handover_age"}
NOW = on(1000)


def a_story(facts: Facts) -> None:
    """At least one row in every measure by NOW."""
    facts.lead("L", on(0), account="acme", channel="email")
    for day, stage in enumerate(["inquiry", "mql", "rejected"]):
        facts.entry("L", stage, on(day), channel="email", ready=1, owner="ann", reason_class="timing")
    facts.entry("L", "nurture", on(5))
    facts.entry("L", "mql", on(9), 2)
    facts.entry("M", "mql", on(9))
    facts.assigned("L", on(2), cycle_began_at=on(0), inbound_at=on(1), touched_at=on(2, 1), ready=1)
    facts.deal("L", "D", on(10), won=on(20))
    facts.owed("L", "untouched", on(2), on(3), met_at=on(2, 1), office_s=3600.0)
    facts.owed("L", "nurture_lapsed", on(5), on(6))
    facts.event("L", on(999))
    facts.put("visits", "d", "s", started_at=on(0), ended_at=on(0, 1))
    facts.write()


def asked(ask: Ask, measure: str, at: int) -> list[dict[str, object]]:
    found = ask(measure, at, 0, 1500) if measure in PERIODS else ask(measure, at)
    return [row for row in found if row.get("opened") != 0]  # `measured` names every kind of the definition


@pytest.mark.parametrize("measure", COLUMNS)
def test_it_has_its_columns(client: Client, measure: str) -> None:
    found = [str(row[0]) for row in client.query(f"DESCRIBE TABLE boards.{measure}").result_rows]
    assert found == COLUMNS[measure].split()


@pytest.mark.parametrize("measure", COLUMNS)
def test_nothing_makes_no_rows(ask: Ask, measure: str) -> None:
    assert asked(ask, measure, NOW) == []
    assert [row for row in ask.now(measure) if row.get("opened") != 0] == []


def test_only_the_live_generation_counts_and_only_what_had_happened(
    client: Client, facts: Facts, ask: Ask, generation: int
) -> None:
    a_story(facts)
    for measure in COLUMNS:
        assert asked(ask, measure, NOW), measure
        assert asked(ask, measure, on(0) - 1) == [], measure
    promote(client, generation + 30_000)
    for measure in COLUMNS:
        assert asked(ask, measure, NOW) == [], measure


def test_the_plain_view_is_as_of_the_boards_clock(client: Client, facts: Facts, ask: Ask) -> None:
    a_story(facts)
    set_clock(client, 0, NOW, 0.0)
    for measure in COLUMNS:
        rows = [row for row in ask.now(measure) if row.get("opened") != 0]
        assert sorted(map(str, rows)) == sorted(map(str, asked(ask, measure, NOW))), measure


def test_the_boards_user_may_ask_and_gets_the_same_whatever_its_nulls(
    client: Client, clickhouse: LocalClickHouse, facts: Facts, ask: Ask
) -> None:
    a_story(facts)
    set_clock(client, 0, NOW, 0.0)
    boards = connect(clickhouse.boards_url)
    try:
        for measure in COLUMNS:
            rows = sorted(map(str, ask.now(measure)))
            assert sorted(map(str, Ask(boards).now(measure))) == rows, measure
            assert sorted(map(str, ask.now(measure, settings={"join_use_nulls": 1}))) == rows, measure
    finally:
        boards.close()


@pytest.mark.parametrize("measure", COLUMNS)
def test_its_file_says_in_one_to_four_lines_what_it_is(measure: str) -> None:
    (text,) = (script.text for script in scripts() if f"VIEW boards.{measure} " in script.text)
    head = text[: text.index("CREATE ")].splitlines()
    assert 1 <= len(head) <= 4
    assert all(line.startswith("-- ") for line in head)
