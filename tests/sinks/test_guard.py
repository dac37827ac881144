"""What the user `boards` may ask of the local ClickHouse, and a collection of ways around it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from deploy.local.clickhouse_guard import Guard
from sinks.client import Client
from sinks.reader import BoardsReader, QueryError
from tests.sinks.statements import BAD, GOOD
from tests.support.clickhouse import LocalClickHouse

BOARDS = ("boards", "")


@pytest.fixture(scope="module")
def reader(clickhouse: LocalClickHouse) -> BoardsReader:
    return BoardsReader(clickhouse.boards_url)


@pytest.mark.parametrize("sql", GOOD)
def test_boards_may_ask(reader: BoardsReader, sql: str) -> None:
    reader.query(sql, {"o": "x"})


@pytest.mark.parametrize("sql", BAD)
def test_boards_may_not(clickhouse: LocalClickHouse, client: Client, sql: str) -> None:
    before = client.query("SELECT count() FROM facts.live").result_rows
    parameters = {"param_t": "facts.leads", "param_d": "facts"}
    answer = httpx.post(clickhouse.address, params=parameters, content=sql, auth=BOARDS)
    assert answer.status_code >= 400, answer.text
    assert "Code: " in answer.text
    assert client.query("SELECT count() FROM facts.live").result_rows == before


def test_boards_write_no_file(clickhouse: LocalClickHouse, tmp_path: Path) -> None:
    path = tmp_path / "out"
    sql = f"SELECT 1 INTO OUTFILE '{path}'"
    answer = httpx.post(clickhouse.address, content=sql, auth=BOARDS)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "497"
    assert not path.exists()


@pytest.mark.parametrize(
    "setting", ["additional_table_filters", "format_schema", "allow_ddl", "limit", "user_files_path"]
)
def test_boards_may_set_limits_only(clickhouse: LocalClickHouse, setting: str) -> None:
    answer = httpx.post(clickhouse.address, params={setting: "1"}, content="SELECT 1", auth=BOARDS)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "497"
    fine = {"max_execution_time": "5", "readonly": "0", "output_format_json_quote_64bit_integers": "0"}
    assert httpx.post(clickhouse.address, params=fine, content="SELECT 1", auth=BOARDS).text == "1\n"


def test_boards_stay_in_their_database(clickhouse: LocalClickHouse) -> None:
    parameters = {"database": "facts", "query": "SELECT currentDatabase()"}
    assert httpx.post(clickhouse.address, params=parameters, auth=BOARDS).text == "boards\n"
    answer = httpx.post(clickhouse.address, params={"database": "facts"}, content="SELECT * FROM live", auth=BOARDS)
    assert answer.status_code == 404


def test_an_insert_with_data_is_refused(clickhouse: LocalClickHouse) -> None:
    insert = {"query": "INSERT INTO facts.live (generation) FORMAT CSV"}
    answer = httpx.post(clickhouse.address, params=insert, content="7\n", auth=BOARDS)
    assert answer.status_code >= 400


def test_the_reason_is_named(reader: BoardsReader) -> None:
    with pytest.raises(QueryError, match=r"facts\.leads is not in database boards"):
        reader.query("SELECT * FROM facts.leads")
    with pytest.raises(QueryError, match="table function merge"):
        reader.query("SELECT * FROM merge('facts', '.*')")


@pytest.mark.parametrize(("asked", "given"), [("5", "5"), ("0", "30"), ("3600", "30"), ("x", "30")])
def test_boards_may_only_shorten_their_time(asked: str, given: str) -> None:
    assert Guard.settings({"max_execution_time": asked})["max_execution_time"] == given
