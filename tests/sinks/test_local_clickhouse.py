"""The local ClickHouse as its three kinds of client see it: clickhouse-connect, curl, and Grafana's plugin."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import lz4.frame  # type: ignore[import-untyped]
import pytest
from backports import zstd
from clickhouse_connect.driver.exceptions import DatabaseError

from deploy.local.ports import free_port
from sinks.client import Client, SinkError, connect
from sinks.live import live_generation, promote
from sinks.migrate import migrate
from tests.support.clickhouse import PASSWORD, ROOT, LocalClickHouse, running_clickhouse

WRITER = ("default", PASSWORD)


@pytest.fixture
def http(clickhouse: LocalClickHouse) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=clickhouse.address) as client:
        yield client


@pytest.fixture
def table(client: Client) -> Iterator[str]:
    client.command(
        "CREATE TABLE default.made (id UInt64, at DateTime64(6, 'UTC'), maybe Nullable(DateTime64(6, 'UTC')),"
        " word LowCardinality(String), words Array(String), number Nullable(Float64)) ENGINE = MergeTree ORDER BY id"
    )
    yield "default.made"
    client.command("DROP TABLE default.made")


def test_clickhouse_connect_writes_and_reads_every_type(client: Client, table: str) -> None:
    at = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
    rows = [[1, at, None, "a", ["x", "é'\n\t"], None], [2, at, at, "b", [], 1.5]]
    client.insert(table, rows)
    assert [list(row) for row in client.query(f"SELECT * FROM {table} ORDER BY id").result_rows] == rows
    assert client.query(f"SELECT * FROM {table} WHERE id = 3").result_rows == []
    assert client.command(f"SELECT count() FROM {table}") == 2
    assert client.command(f"OPTIMIZE TABLE {table}") is not None
    found = client.query("SELECT id FROM default.made WHERE word = {w:String}", parameters={"w": "b"}).result_rows
    assert found == [(2,)]
    long_list = list(range(20_000))  # too long for a URL: sent as a form
    assert client.query("SELECT length({l:Array(UInt32)})", parameters={"l": long_list}).result_rows == [(20_000,)]


@pytest.mark.parametrize("compress", ["lz4", "zstd", "gzip"])
def test_clickhouse_connect_may_compress(clickhouse: LocalClickHouse, compress: str) -> None:
    import clickhouse_connect

    client = clickhouse_connect.get_client(
        host="127.0.0.1", port=clickhouse.port, username="default", password=PASSWORD, compress=compress
    )
    client.command("CREATE OR REPLACE TABLE default.packed (a String) ENGINE = Memory")
    client.insert("default.packed", [["x" * 1000]] * 1000)
    assert client.query("SELECT sum(length(a)) FROM default.packed").result_rows == [(1_000_000,)]
    client.command("DROP TABLE default.packed")
    client.close()


def test_large_inserts_run_beside_readers(client: Client, clickhouse: LocalClickHouse, table: str) -> None:
    done = threading.Event()

    def read() -> int:
        reader, asked = connect(clickhouse.url), 0
        while not done.is_set():
            assert reader.query(f"SELECT uniqExact(word), sum(id) FROM {table}").row_count == 1
            asked += 1
        reader.close()
        return asked

    with ThreadPoolExecutor(4) as threads:
        readers = [threads.submit(read) for _ in range(3)]
        ids = list(range(100_000))
        micros = [1_790_000_000_000_000] * len(ids)
        words = [f"w{number % 100}" for number in ids]
        columns: list[Sequence[object]] = [ids, micros, [None] * len(ids), words, [["x"]] * len(ids), [1.0] * len(ids)]
        for _ in range(3):
            client.insert(table, columns, column_oriented=True)
        done.set()
        assert all(future.result(timeout=60) for future in readers)
    assert client.query(f"SELECT count(), uniqExact(id) FROM {table}").result_rows == [(300_000, 100_000)]


def test_plain_http_as_curl_speaks_it(http: httpx.Client) -> None:
    assert http.get("/ping").text == "Ok.\n"
    assert http.get("/").text == "Ok.\n"
    assert http.get("/", params={"query": "SELECT 1 AS a, 'x\ty'"}, auth=WRITER).text == "1\tx\\ty\n"
    assert http.post("/", content="SELECT 1 FORMAT JSONEachRow", auth=WRITER).json() == {"1": 1}
    url_user = {"user": "default", "password": PASSWORD, "default_format": "CSV", "query": "SELECT 1, 'a'"}
    assert http.post("/", params=url_user).text == '1,"a"\n'
    headers = {"X-ClickHouse-User": "default", "X-ClickHouse-Key": PASSWORD, "X-ClickHouse-Format": "CSV"}
    answer = http.post("/", content="SELECT currentDatabase()", params={"database": "facts"}, headers=headers)
    assert answer.text == '"facts"\n'
    assert answer.headers["X-ClickHouse-Format"] == "CSV"
    assert answer.headers["X-ClickHouse-Query-Id"]
    parameters = {"param_a": "it's", "param_n": "\\N", "max_block_size": "7", "query_id": "mine"}
    answer = http.post(
        "/",
        params=parameters,
        content="SELECT {a:String}, {n:Nullable(UInt8)}, getSetting('max_block_size')",
        auth=WRITER,
    )
    assert answer.text == "it\\'s\t\\N\t7\n"
    assert answer.headers["X-ClickHouse-Query-Id"] == "mine"
    split = http.post("/", params={"query": "SELECT 1 +"}, content="2", auth=WRITER)
    assert split.text == "3\n"


def test_inserts_by_plain_http(http: httpx.Client, client: Client) -> None:
    client.command("CREATE OR REPLACE TABLE default.plain (a UInt8, b String) ENGINE = Memory")
    insert = {"query": "INSERT INTO default.plain (a, b) FORMAT CSV"}
    assert http.post("/", params=insert, content='1,"x"\n', auth=WRITER).status_code == 200
    whole = "INSERT INTO default.plain FORMAT JSONEachRow\n" + '{"a": 2, "b": "FORMAT x\\n;"}\n{"a": 3, "b": ""}'
    answer = http.post("/", content=whole, auth=WRITER)
    assert '"written_rows": "2"' in answer.headers["X-ClickHouse-Summary"]
    assert "X-ClickHouse-Format" not in answer.headers
    assert http.post("/", content="INSERT INTO default.plain VALUES (4, 'v')", auth=WRITER).status_code == 200
    for encoding, pack in (("gzip", gzip.compress), ("zstd", zstd.compress), ("lz4", lz4.frame.compress)):
        headers = {"Content-Encoding": encoding}
        packed = http.post("/", params=insert, content=pack(b'5,"p"\n'), headers=headers, auth=WRITER)
        assert packed.status_code == 200, packed.text
        assert http.post("/", params=insert, content=b"junk", headers=headers, auth=WRITER).status_code == 400
    found = client.query("SELECT a, count() FROM default.plain GROUP BY a ORDER BY a").result_rows
    assert found == [(1, 1), (2, 1), (3, 1), (4, 1), (5, 3)]
    broken = http.post("/", params=insert, content="not a number\n", auth=WRITER)
    assert broken.status_code == 400
    assert broken.headers["X-ClickHouse-Exception-Code"] == "27"
    client.command("DROP TABLE default.plain")


@pytest.mark.parametrize(
    ("sql", "status", "code"),
    [
        ("SELEC 1", 400, "62"),
        ("SELECT nope", 404, "47"),
        ("SELECT * FROM default.nope", 404, "60"),
        ("SELECT throwIf(1)", 500, "395"),
        ("INSERT INTO facts.live FORMAT Native\n\x01\x02", 500, "32"),
    ],
)
def test_an_error_is_a_status_a_code_and_a_text(http: httpx.Client, sql: str, status: int, code: str) -> None:
    answer = http.post("/", content=sql, auth=WRITER)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (status, code)
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")


def test_a_get_reads_only(http: httpx.Client) -> None:
    answer = http.get("/", params={"query": "CREATE DATABASE nope"}, auth=WRITER)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "164"


def test_nobody_gets_in_without_the_password(http: httpx.Client, clickhouse: LocalClickHouse) -> None:
    for auth in (("default", ""), ("default", "wrong"), ("nobody", PASSWORD), ("boards", "wrong")):
        answer = http.post("/", content="SELECT 1", auth=auth)
        assert answer.status_code == 403
        assert answer.headers["X-ClickHouse-Exception-Code"] == "516"
    assert http.post("/", content="SELECT 1").status_code == 403
    assert http.get("/ping", headers={"Host": "attacker.example"}).status_code == 400
    with pytest.raises(SinkError, match="Authentication failed"):
        connect(f"http://default:wrong@127.0.0.1:{clickhouse.port}")


def test_grafanas_plugin_is_greeted_and_answered(http: httpx.Client) -> None:
    def ask(sql: str) -> httpx.Response:
        return http.post(
            "/",
            content=sql,
            auth=("boards", ""),
            params={
                "default_format": "Native",
                "database": "boards",
                "max_execution_time": "60",
                "client_protocol_version": "54460",
            },
        )

    greeting = ask("SELECT displayName(), version(), revision(), timezone()").content
    assert greeting.startswith(
        b"\x01\x00\x02\xff\xff\xff\xff\x00\x04\x01\x0ddisplayName()\x06String\x00\x0bfunnelwatch"
    )
    assert greeting.endswith(b"\x0arevision()\x06UInt32\x00\x00\x00\x00\x00\x0atimezone()\x06String\x00\x03UTC")
    assert ask("SELECT 1 AS one").content == b"\x01\x01\x03one\x05UInt8\x01"
    assert ask("SELECT 1 AS one WHERE 0").content == b""
    wrong = ask("SELECT * FROM nope")
    assert wrong.status_code == 404
    assert "nope" in wrong.text


def test_data_and_functions_outlive_a_restart(tmp_path: Path) -> None:
    with running_clickhouse(tmp_path / "data") as server:
        client = server.client()
        promote(client, 5)
        assert server.stop() == 0
        server.start()
        assert live_generation(client) == 5
        assert client.query("SELECT funnel_now() > '2020-01-01', count() FROM boards.leads").result_rows == [(1, 0)]
        server.kill()
        server.start()
        assert live_generation(client) == 5
        assert migrate(server.url) == []
        client.close()


def test_a_stop_does_not_wait_for_a_slow_question(tmp_path: Path) -> None:
    with running_clickhouse(tmp_path / "data", migrated=False) as server:
        slow = "SELECT sum(sleepEachRow(1)) FROM numbers(60) SETTINGS max_block_size = 1"
        with ThreadPoolExecutor(1) as threads:
            question = threads.submit(httpx.post, server.address, content=slow, auth=WRITER, timeout=60)
            client = server.client()
            running = "SELECT count() FROM system.processes WHERE query LIKE 'SELECT sum(sleep%'"
            deadline = time.monotonic() + 20
            while not client.query(running).result_rows[0][0]:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            started = time.monotonic()
            server.stop()
            assert time.monotonic() - started < 20
            assert question.exception(timeout=20) is not None or question.result().status_code >= 400


def start(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.local.clickhouse", "--path", str(path), "--port", str(free_port())]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FUNNELWATCH_")}
    return subprocess.run(
        command, cwd=ROOT, env=clean | environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_start_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    without = start(tmp_path / "a")
    assert (without.returncode, without.stderr) == (1, "clickhouse: FUNNELWATCH_LOCAL_PASSWORD is not set\n")
    with running_clickhouse(tmp_path / "b", migrated=False):
        second = start(tmp_path / "b", FUNNELWATCH_LOCAL_PASSWORD="x")
    assert second.returncode == 1
    assert second.stderr.splitlines()[-1].startswith("clickhouse: cannot open ")


def test_the_engine_says_which_statement_was_wrong(client: Client) -> None:
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        client.query("SELECT * FROM default.nope")
