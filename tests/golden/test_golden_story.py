"""The story of story.md, told to the whole flow: every line of its tables comes out, and no other.

Once in memory, in order and shuffled with repetitions; once through the real worker, Apache Kafka and ClickHouse, where
the boards are asked. Nothing here knows what must come out: that stands in the story alone.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from deploy.settings import Settings
from deploy.wait import Waiter
from sinks.reader import BoardsReader
from sinks.tables import FACTS
from streams.journey.obligations import state_at
from tests.golden.story import AS_OF, EPOCH, EVENTS, MICROSECOND, TABLES, Event
from tests.golden.telling import HASHER, Row, Teller, differences, identifier
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import DEADLINE, Company, company_on
from tests.support.in_memory import TOPICS, Funnel, codec, definition
from tests.support.kafka import TestBroker, produce

Rows = dict[str, list[Row]]
# are theirs whose event it was
OF_EVENTS = ("stage_entries", "obligations", "assignments", "touches", "activities", "deals")
ROSA = "email rosa@selva.example", "lead Q-ROSA"


def shuffled(seed: int) -> list[Event]:
    """In any order, and every third one twice."""
    chance = random.Random(seed)
    events = EVENTS + chance.sample(EVENTS, len(EVENTS) // 3)
    return chance.sample(events, len(events))


def in_memory(events: Sequence[Event]) -> Rows:
    funnel = Funnel()
    funnel.take((getattr(TOPICS, e.topic), e.key, codec().encode(f"events/{e.topic}", e.record)) for e in events)
    assert not funnel.rejects
    keys = {table.name: [column.name for column in table.key] for table in FACTS}
    rows: Rows = {name: [] for name in keys}
    for (name, *key), values in funnel.rows.items():
        if name in keys and values is not None:
            rows[name].append({**dict(zip(keys[name], key, strict=True)), **values})
    persons = {row["deal_id"] for row in rows["deals"] if row["lead_id"]}
    rows["deals"] = [row for row in rows["deals"] if row["lead_id"] or row["deal_id"] not in persons]
    rows["obligations"] = [{**row, "state": state_at(row, AS_OF)} for row in rows["obligations"]]
    return rows


@pytest.fixture(scope="module")
def as_it_arrives() -> Rows:
    return in_memory(EVENTS)


def test_what_the_story_says_comes_out_and_nothing_else(as_it_arrives: Rows) -> None:
    assert not (found := differences(as_it_arrives)), "\n".join(found)


@pytest.mark.parametrize("kind", definition().obligations)
def test_every_promise_is_kept_by_somebody_and_not_by_another(kind: str) -> None:
    states = {line["so it is"] for line in TABLES["What was owed"] if line["kind"] == kind}
    assert "met" in states
    assert states & {"leaking", "recovered", "lost", "voided"}


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_arrival_is_nothing(seed: int, as_it_arrives: Rows) -> None:
    assert Teller(in_memory(shuffled(seed))).told() == Teller(as_it_arrives).told()


@pytest.mark.parametrize("table", OF_EVENTS)
def test_a_fact_is_whose_event_it_was_then_and_now(table: str, as_it_arrives: Rows) -> None:
    teller = Teller(as_it_arrives)
    rows = [row for row in as_it_arrives[table] if row["lead_id"]]
    assert [teller.whose(row) for row in rows] == [teller.owners[row["cause"]] for row in rows]


def test_identifiers_date_from_their_first_link(as_it_arrives: Rows) -> None:
    at = {event.number: event.record["occurred_at"] for event in EVENTS}
    linked: dict[str, int] = {}
    for line in TABLES["What links them"]:
        for end in map(identifier, (line["one"], line["other"])):
            linked[end] = min(at[line["linked by"]], linked.get(end, AS_OF))
    assert {row["identifier"]: row["linked_at"] for row in as_it_arrives["identities"]} == linked


def traces_of_rosa(rows: Rows) -> list[Row]:
    names = [identifier(text) for text in ROSA]
    traces = {*names, *map(HASHER.lead_id, names), "Q-ROSA", "rosa-laptop"}
    return [row for found in rows.values() for row in found if traces & set(map(str, row.values()))]


def test_nothing_knows_that_there_was_a_rosa(as_it_arrives: Rows) -> None:
    assert traces_of_rosa(in_memory([event for event in EVENTS if event.record["type"] != "erased"]))
    assert not traces_of_rosa(as_it_arrives)


@pytest.mark.slow
def test_the_boards_tell_the_same_story(
    kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with company_on(kafka, clickhouse, tmp_path) as company:
        company.start_worker()
        for topic, name in company.topics.items():
            values = ((e.key, codec().encode(f"events/{topic}", e.record)) for e in shuffled(1) if e.topic == topic)
            produce(company.broker, name, values)
        for name, setting in company.environment.items():
            monkeypatch.setenv(name, setting)
        with closing(Waiter(Settings())) as waiter:
            waiter.wait(deadline=DEADLINE)
        rows = on_the_boards(company)
        visitors = dict(company.query("SELECT anonymous_id, ownership FROM boards.visitors"))
        versions = company.query("SELECT version FROM boards.definition")
        easter = "calendar = 'central_europe' AND day BETWEEN '2026-04-02' AND '2026-04-07'"
        working = company.query(f"SELECT toDayOfMonth(day) FROM boards.working_days WHERE {easter} ORDER BY day")
    assert not (found := differences(rows)), "\n".join(found)
    assert not traces_of_rosa(rows)
    assert versions == [(definition().version,)]
    assert working == [(2,), (7,)]
    devices = sorted(TABLES["Visits"], key=lambda line: ["anonymous", "identified", "shared"].index(line["ownership"]))
    assert visitors == {line["device"]: line["ownership"] for line in devices}, "the last word on a device counts"


def on_the_boards(company: Company) -> Rows:
    """As the boards' user asks; of visits, which boards count by device only, as the worker's own user."""
    names = ("assignments", "touches", "activities", "lead_events", "lead_identifiers", "identities", "identity_links")
    asked = {name: f"boards.{name}" for name in (*names, "stage_entries", "deals")} | {
        "leads": "boards.lead_details",
        "obligations": f"boards.obligations_as_of(at = '{EPOCH + AS_OF * MICROSECOND:%Y-%m-%d %H:%M:%S}')",
    }
    rows: Rows = {}
    with closing(BoardsReader(company.environment["FUNNELWATCH_BOARDS_URL"])) as reader:
        for name, view in asked.items():
            found = reader.query(f"SELECT * FROM {view}")
            rows[name] = [dict(zip(found.columns, map(_plain, row), strict=True)) for row in found.rows]
    columns = ("device", "session_id", "cause", "started_at", "pages", "channel", "ownership")
    visits = company.ask(f"SELECT {', '.join(columns)} FROM facts.visits FINAL WHERE generation = {company.generation}")
    rows["visits"] = [dict(zip(columns, map(_plain, row), strict=True)) for row in visits]
    return rows


def _plain(value: object) -> object:
    return (value - EPOCH) // MICROSECOND if isinstance(value, datetime) else value
