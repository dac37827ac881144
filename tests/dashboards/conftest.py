from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.worker import working_days
from sinks.clock import set_clock
from sinks.definitions import register
from sinks.live import promote
from sinks.reader import BoardsReader
from sinks.reference import write
from sinks.writer import Batch, Writer
from streams.definition import load_definition
from streams.definition.content import content_of
from tests.dashboards.company import believable, progress, reference
from tests.support.clickhouse import LocalClickHouse, running_clickhouse

DEFINITION = load_definition(None)
NOW = datetime(2026, 5, 14, 13, 42, tzinfo=UTC)
EMPTY, FULL, UNPRICED = 1, 2, 3


def micros(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


@pytest.fixture(scope="session")
def boards_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalClickHouse]:
    """A server of its own, because it stops the boards' clock at NOW. Generation 1 is empty, 2 is a company,
    3 one whose deals have no amounts."""
    with running_clickhouse(tmp_path_factory.mktemp("boards")) as server:
        client = server.client()
        set_clock(client, time.time_ns() // 1000, micros(NOW), 0.0)
        Writer(client, FULL).write(believable(micros(NOW)))
        Writer(client, UNPRICED).write(believable(micros(NOW), leads=120, amounts=False))
        reports = Batch()
        for key, values in progress(time.time_ns() // 1000).items():
            reports.add("progress", key, values, 1, 0)
        Writer(client, FULL).write(reports)
        register(client, FULL, DEFINITION.version, json.dumps(content_of(DEFINITION)), working_days(DEFINITION))
        promote(client, FULL)
        largest = "SELECT account FROM boards.leads GROUP BY account ORDER BY count() DESC, account LIMIT 4"
        accounts = [account for (account,) in client.query(largest).result_rows]
        for kind, rows in reference(micros(NOW), accounts):
            write(client, kind, rows, [], "test")
        client.close()
        yield server


@pytest.fixture(scope="session")
def reader(boards_server: LocalClickHouse) -> Iterator[BoardsReader]:
    reader = BoardsReader(boards_server.boards_url)
    yield reader
    reader.close()


@pytest.fixture
def company(boards_server: LocalClickHouse, reader: BoardsReader) -> BoardsReader:
    """The boards of a believable company, at NOW."""
    _promote(boards_server, FULL)
    return reader


@pytest.fixture
def unpriced(boards_server: LocalClickHouse, reader: BoardsReader) -> BoardsReader:
    """The boards of a company whose CRM knows no amounts."""
    _promote(boards_server, UNPRICED)
    return reader


@pytest.fixture
def nothing(boards_server: LocalClickHouse, reader: BoardsReader) -> BoardsReader:
    """The boards before the first event."""
    _promote(boards_server, EMPTY)
    return reader


@pytest.fixture(scope="session")
def screenshots() -> Path:
    folder = Path(__file__).resolve().parents[2] / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _promote(server: LocalClickHouse, generation: int) -> None:
    client = server.client()
    promote(client, generation)
    client.close()
