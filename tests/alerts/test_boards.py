"""What the timer asks, on the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from deploy.alerting import ON_ITS_WAY, AlertBoards
from sinks.clock import reset_clock, set_clock
from sinks.leaks import AT_ONCE, reported
from sinks.live import promote
from sinks.reader import BoardsReader
from sinks.writer import Batch, Writer
from streams.alert import Alert
from streams.model import DAY, HOUR, MINUTE, SECOND
from streams.verdict import Data, Gap
from tests.sinks.rows import values
from tests.support.clickhouse import LocalClickHouse

GENERATION = 80_001
NOW = int(datetime(2026, 3, 2, 10, 40, tzinfo=UTC).timestamp()) * SECOND
MANY = 2 * AT_ONCE


@pytest.fixture(scope="module")
def boards(clickhouse: LocalClickHouse) -> Iterator[AlertBoards]:
    """It is 10:40. L0 ... leak since then less their number in minutes, M0 ... were met late, O is old, W is warned of,
    S was met in time. The CRM spoke each minute until 10:20."""
    client = clickhouse.client()
    batch = Batch()

    def owed(lead: str, due_at: int, **given: object) -> None:
        row = values(
            "obligations", opened_at=due_at - DAY, warn_at=due_at - HOUR, due_at=due_at, owed_by="sales", **given
        )
        batch.add("obligations", (lead, "untouched", "c"), row, 1, NOW)

    for number in range(MANY):
        owed(f"L{number}", NOW - number * MINUTE)
        owed(f"M{number}", NOW - number * MINUTE, met_at=NOW)
    owed("O", NOW - 3 * DAY)
    owed("W", NOW + MINUTE)
    owed("S", NOW - MINUTE, met_at=NOW - 2 * MINUTE)
    batch.add("leads", ("L0",), values("leads", crm_record_id="00Q/1", began_at=NOW), 1, NOW)
    for minute in range(20, 60):
        at = NOW - minute * MINUTE
        row = values("lead_events", type="won", source="salesforce", occurred_at=at, recorded_at=at)
        batch.add("lead_events", ("L0", str(minute)), row, 1, NOW)
    batch.add("progress", ("journey", "t", 0), values("progress", as_of=NOW - SECOND, at=NOW), NOW, NOW)
    Writer(client, GENERATION).write(batch)
    promote(client, GENERATION)
    set_clock(client, 0, NOW, 0.0)
    reader = BoardsReader(clickhouse.url)
    yield AlertBoards(reader, GENERATION, 2 * DAY / SECOND, "https://crm.example/{id}")
    reset_clock(client)
    reader.close()
    client.close()


def said(change: str, lead: str) -> dict[str, Alert]:
    return {f"{lead}/untouched/c": Alert(change, 0, 0, GENERATION, lead_id=lead, kind="untouched", cause="c")}


def test_a_look_brings_what_is_news_and_what_was_said_to_be_open(boards: AlertBoards) -> None:
    look = boards.look(NOW - 5 * MINUTE, said("warned", "S") | said("leaking", "O") | said("met", "M9"))
    assert look is not None and look.now == NOW
    assert {row.lead_id: (row.state, row.settled_at) for row in look.rows} == {
        **{f"L{number}": ("leaking", None) for number in range(MANY)},
        **{f"M{number}": ("recovered", NOW) for number in range(1, 5)},
        "O": ("leaking", None),
        "W": ("warned", None),
        "S": ("met", NOW - 2 * MINUTE),
    }
    assert look.data == Data(NOW - SECOND - ON_ITS_WAY, (Gap("salesforce", NOW - 20 * MINUTE),))


def test_more_leads_than_one_question_may_name(boards: AlertBoards) -> None:
    many: dict[str, Alert] = {}
    for number in range(MANY):
        many |= said("leaking", f"M{number}")
    look = boards.look(NOW, many)
    assert look is not None
    assert {row.lead_id for row in look.rows if row.lead_id.startswith("M")} == {f"M{number}" for number in range(MANY)}


def test_a_lead_is_addressed_in_the_crm_if_it_has_a_record(boards: AlertBoards) -> None:
    alerts = [said("leaking", lead)[f"{lead}/untouched/c"] for lead in ("L0", "L1")]
    alerts.append(Alert("held", 0, 0, GENERATION, source="salesforce"))
    found = [(alert.crm_record_id, alert.link) for alert in boards.addressed(alerts)]
    assert found == [("00Q/1", "https://crm.example/00Q%2F1"), ("", ""), ("", "")]


def test_of_another_generation_nothing_is_said(boards: AlertBoards, clickhouse: LocalClickHouse) -> None:
    reader = BoardsReader(clickhouse.url)
    other = AlertBoards(reader, GENERATION + 1, DAY / SECOND, "")
    assert boards.is_live() and not other.is_live()
    assert other.look(None, {}) is None
    assert reported(reader, GENERATION) == {("journey", "t", 0): NOW - SECOND}
    assert reported(reader, GENERATION + 1) == {}
    reader.close()
