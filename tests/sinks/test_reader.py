from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sinks.client import Client
from sinks.clock import reset_clock, set_clock
from sinks.live import live_generation, promote, promote_first
from sinks.reader import BoardsReader, QueryError
from sinks.writer import Batch, Writer
from tests.sinks.rows import T0, values
from tests.support.clickhouse import LocalClickHouse, running_clickhouse


@pytest.fixture
def reader(clickhouse: LocalClickHouse) -> BoardsReader:
    return BoardsReader(clickhouse.boards_url)


def test_an_answer_has_columns_types_and_rows(reader: BoardsReader) -> None:
    result = reader.query(
        "SELECT {at:DateTime64(6, 'UTC')} AS at, {n:UInt8} AS n",
        {"at": datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC), "n": 3, "not_asked_for": 1},
    )
    assert result.columns == ("at", "n")
    assert result.types == ("DateTime64(6, 'UTC')", "UInt8")
    assert result.rows == [(datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC), 3)]


def test_a_full_second_fits_every_type_of_time(reader: BoardsReader) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    sql = "SELECT {at:DateTime('UTC')}, {at:DateTime64(3, 'UTC')}"
    assert reader.query(sql, {"at": moment}).rows == [(moment, moment)]


def test_an_answer_after_a_restart(tmp_path: Path) -> None:
    with running_clickhouse(tmp_path / "data") as server:
        reader = BoardsReader(server.boards_url)
        assert reader.query("SELECT 1 AS a").rows == [(1,)]
        server.kill()
        with pytest.raises(QueryError) as caught:
            reader.query("SELECT 1 AS a")
        assert caught.value.retryable
        server.start()
        assert reader.query("SELECT 1 AS a").rows == [(1,)]


@pytest.mark.usefixtures("generation")
def test_an_empty_answer_has_columns_too(reader: BoardsReader) -> None:
    result = reader.query("SELECT lead_id, began_at FROM leads")
    assert result.columns == ("lead_id", "began_at")
    assert result.types == ("String", "DateTime64(6, 'UTC')")
    assert result.rows == []


def test_errors_are_one_line(reader: BoardsReader) -> None:
    for sql in ("SELECT nope FROM leads", "SELEC 1", "SELECT * FROM facts.leads", "SELECT * FROM nope"):
        with pytest.raises(QueryError) as caught:
            reader.query(sql)
        assert "\n" not in str(caught.value)
        assert "http://" not in str(caught.value)


@pytest.mark.parametrize(
    "sql", ["SELEC 1", "SELECT 1 +", "SELECT 1 FROM leads WHERE (", "SELECT 1; SELECT 2", "", "SELECT 1 FORMAT JSON"]
)
def test_a_wrong_statement_is_told_in_its_own_words(reader: BoardsReader, sql: str) -> None:
    with pytest.raises(QueryError, match="Syntax error") as caught:
        reader.query(sql)
    assert "Native" not in str(caught.value)
    assert "formatQuery" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_without_a_server_the_question_fails_and_may_be_asked_again() -> None:
    with pytest.raises(QueryError, match="no ClickHouse") as caught:
        BoardsReader("http://boards:@127.0.0.1:9").query("SELECT 1")
    assert caught.value.retryable


def test_a_user_who_may_write_only_reads_here(clickhouse: LocalClickHouse) -> None:
    reader = BoardsReader(clickhouse.url)
    assert reader.query("SELECT count() FROM leads").columns == ("count()",)
    with pytest.raises(QueryError, match=r"(?i)readonly"):
        reader.query("INSERT INTO facts.live (generation) VALUES (9)")


def test_the_boards_clock_is_one_row(client: Client, reader: BoardsReader) -> None:
    def now() -> float:
        moment = reader.query("SELECT funnel_now() AS now").rows[0][0]
        assert isinstance(moment, datetime)
        return moment.timestamp()

    wall = datetime.now(UTC).timestamp()
    assert abs(now() - wall) < 60
    set_clock(client, int(wall * 1e6), T0, 0.0)
    assert now() == T0 / 1e6
    set_clock(client, int((wall - 100) * 1e6), T0, 3600.0)
    assert 100 * 3600 <= now() - T0 / 1e6 < 160 * 3600
    reset_clock(client)
    assert abs(now() - wall) < 60


def test_promotion_flips_every_view_and_back(client: Client, generation: int) -> None:
    for number, leads in ((generation, 1), (generation + 500, 2)):
        batch = Batch()
        for lead in range(leads):
            batch.add("leads", (f"L{lead}",), values("leads", began_at=T0), 1, T0)
            batch.add("touches", (f"L{lead}", "c"), values("touches", occurred_at=T0), 1, T0)
        Writer(client, number).write(batch)
    for number, leads in ((generation, 1), (generation + 500, 2), (generation, 1)):
        promote(client, number)
        assert live_generation(client) == number
        assert promote_first(client, 77) == number
        assert client.query("SELECT (SELECT count() FROM boards.leads), count() FROM boards.touches").result_rows == [
            (leads, leads)
        ]
