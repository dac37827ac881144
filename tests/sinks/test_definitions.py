"""The definition of a generation, as boards read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from deploy.worker import WORKING_DAYS
from sinks.client import Client
from sinks.definitions import register
from sinks.generations import Binding, bind
from streams.definition import Definition
from streams.definition.content import content_of
from tests.definition.changed import SIGNED, changed

DAY = 86400
DEFAULT = changed(SIGNED).definition
DAYS = [("here", date(2026, 4, 2)), ("there", date(2026, 4, 3))]


def registered(client: Client, generation: int, definition: Definition = DEFAULT, **content: Any) -> bool:
    whole = json.dumps({**content_of(definition), **content}, ensure_ascii=False)
    return register(client, generation, definition.version, whole, DAYS)


def asked(client: Client, sql: str) -> list[tuple[Any, ...]]:
    rows: Sequence[Sequence[Any]] = client.query(sql).result_rows
    return [tuple(row) for row in rows]


def test_before_a_worker_has_started_there_is_none(client: Client, generation: int) -> None:
    for view in ("definition", "definition_stages", "definition_obligations", "definition_origins", "working_days"):
        assert asked(client, f"SELECT * FROM boards.{view}") == [], view


def test_it_is_written_once(client: Client, generation: int) -> None:
    assert registered(client, generation)
    assert not registered(client, generation, changed().definition)
    assert asked(client, "SELECT version, signed FROM boards.definition") == [(DEFAULT.version, 1)]
    assert asked(client, "SELECT * FROM boards.working_days ORDER BY ALL") == DAYS


def test_a_generation_that_was_bound_before_gets_it_at_its_next_start(client: Client, generation: int) -> None:
    bind(client, generation, Binding("cluster", "web:3", DEFAULT.version, "key"))
    assert asked(client, "SELECT count() FROM boards.definition") == [(0,)]
    bind(client, generation, Binding("cluster", "web:3", DEFAULT.version, "key"))
    assert registered(client, generation)
    assert asked(client, "SELECT count() FROM boards.definition") == [(1,)]


def test_two_workers_at_once_are_one(client: Client, generation: int) -> None:
    registered(client, generation)
    row = [generation, DEFAULT.version, json.dumps(content_of(DEFAULT))]
    client.insert("facts.definitions", [row], column_names=["generation", "version", "content"])
    client.insert("facts.working_days", [[generation, *DAYS[0]]], column_names=["generation", "calendar", "day"])
    assert asked(client, "SELECT count() FROM boards.definition") == [(1,)]
    assert asked(client, "SELECT count() FROM boards.definition_stages") == [(len(DEFAULT.stages),)]
    assert asked(client, "SELECT count() FROM boards.working_days") == [(2,)]


def test_boards_show_that_of_the_live_generation(client: Client, generation: int) -> None:
    registered(client, generation)
    registered(client, generation + 5_000, changed().definition)
    assert asked(client, "SELECT version FROM boards.definition") == [(DEFAULT.version,)]


MARKETING = [
    "email", "paid_social", "display", "paid_search", "social", "event", "organic_search", "campaign", "website",
    "nurture",
]  # fmt: skip


def test_who_signed_and_what_measures_count_by(client: Client, generation: int) -> None:
    registered(client, generation)
    (row,) = client.query("SELECT * FROM boards.definition").named_results()
    measures = DEFAULT.measures
    assert row == {
        "version": DEFAULT.version,
        "signed": 1,
        "signed_by_marketing": "Ada",
        "marketing_date": date(2026, 1, 31),
        "signed_by_sales": "Bo",
        "sales_date": date(2026, 2, 1),
        "committee_size": 21,
        "mql_matures": 90 * DAY,
        "vanished_after": 30 * DAY,
        "customer_within": 365 * DAY,
        "regret_within": 730 * DAY,
        "old_at_handover": 30 * DAY,
        "influence_look_back": 730 * DAY,
        "small_n": 30,
        "satisfied_at": 0.9,
        "mature_win": 365 * DAY,
        "calendar": "central_europe",
        "marketing_channels": MARKETING,
        "origin_kinds": DEFAULT.origin.kinds,
        "generated_by": DEFAULT.origin.generated_by,
    }
    for name in type(measures).model_fields:
        value = getattr(measures, name)
        assert row[name] == (value / 1_000_000 if isinstance(value, int) and value > 1_000_000 else value), name


def test_times_in_any_unit_are_seconds(client: Client, generation: int) -> None:
    said = {
        "mql_matures": "1 day",
        "vanished_after": "90 minutes",
        "mature_win": "1.5 seconds",
        "regret_within": "7 hours",
    }
    registered(client, generation, measures=said)
    sql = "SELECT mql_matures, vanished_after, regret_within, mature_win, customer_within FROM boards.definition"
    assert asked(client, sql) == [(DAY, 5400, 25200, 1, 0)]


def test_half_signed_says_by_whom(client: Client, generation: int) -> None:
    registered(client, generation, changed(("  sales: null\n", "  sales: {by: Bo, date: 2026-02-01}\n")).definition)
    sql = "SELECT signed, signed_by_marketing, marketing_date, signed_by_sales, sales_date FROM boards.definition"
    assert asked(client, sql) == [(0, "", None, "Bo", date(2026, 2, 1))]


def test_stages_with_what_is_done_in_them(client: Client, generation: int) -> None:
    registered(client, generation)
    found = asked(client, "SELECT * FROM boards.definition_stages ORDER BY rank")
    assert found == [
        (one.name, place, int(one.aside), list(one.activities), one.job_aid, list(one.exit))
        for place, one in enumerate(DEFAULT.stages, 1)
    ]


def test_obligations_with_what_meets_them(client: Client, generation: int) -> None:
    registered(client, generation)
    sql = "SELECT * EXCEPT rank FROM boards.definition_obligations ORDER BY rank"
    found = {str(row[0]): row[1:] for row in asked(client, sql)}
    assert list(found) == list(DEFAULT.obligations)
    assert found["untouched"] == (
        "sales", 0, "30 business minutes if hot: true, else 1 business day", "75 % of it",
        ["sales_touch"], ["later"], [],
    )  # fmt: skip
    assert found["undecided"][2:] == ("2 business days", "1 business day", [], ["sal", "rejected", "later"], [])
    assert found["stalled_deal"][4:] == (["deal_step", "deal_closed"], [], [])
    assert found["capture_gap"][4:] == ([], [], ["live_record"])


def test_a_rolling_obligation_says_so(client: Client, generation: int) -> None:
    """As a definition has them that knows such."""
    obligations = content_of(DEFAULT)["obligations"]
    obligations["handoff"]["rolling"] = True
    registered(client, generation, obligations=obligations)
    rolling = asked(client, "SELECT kind FROM boards.definition_obligations WHERE rolling")
    assert ("handoff",) in rolling and ("unrouted",) not in rolling


def test_origins_with_what_they_count_as(client: Client, generation: int) -> None:
    registered(client, generation)
    found = asked(client, "SELECT * FROM boards.definition_origins ORDER BY origin")
    assert found == [
        ("direct", "inbound", ""),
        ("marketing", "inbound", "marketing"),
        ("partner", "partner", ""),
        ("referral", "referral", ""),
        ("sales", "outbound", "sales"),
        ("unknown", "", ""),
    ]


def test_working_days_reach_as_far_as_boards_may_look() -> None:
    for calendar in DEFAULT.calendars.values():
        days = list(calendar.working_days(*WORKING_DAYS))
        assert (days[0].year, days[-1].year) == (2015, 2040)
        assert 250 < len(days) / 26 < 262
