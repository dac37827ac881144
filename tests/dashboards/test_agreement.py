"""Every page says whether the definition is signed, and by whom it is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboards.boards import BOARDS
from dashboards.viewer.agreement import agreement
from dashboards.viewer.app import create_app
from sinks.definitions import register
from sinks.live import promote
from sinks.reader import BoardsReader
from streams.definition.content import content_of
from tests.definition.changed import SIGNED, changed
from tests.support.clickhouse import LocalClickHouse

ADA, BO = ("Ada Example", date(2026, 1, 31)), ("Bo", date(2026, 2, 1))
NOBODY = ("", None)


def row(marketing: tuple[str, date | None], sales: tuple[str, date | None]) -> dict[str, Any]:
    signed = {"signed_by_marketing": marketing[0], "marketing_date": marketing[1]}
    return {"version": "1f0c6a3be2d4", **signed, "signed_by_sales": sales[0], "sales_date": sales[1]}


@pytest.mark.parametrize(
    ("marketing", "sales", "said", "missing"),
    [
        (ADA, BO, "agreed by marketing (Ada Example, 31 Jan 2026) and sales (Bo, 1 Feb 2026).", ""),
        (ADA, NOBODY, "signed by marketing (Ada Example, 31 Jan 2026), not by sales yet.", "not signed by sales"),
        (NOBODY, BO, "signed by sales (Bo, 1 Feb 2026), not by marketing yet.", "not signed by marketing"),
        (NOBODY, NOBODY, "signed neither by marketing nor by sales yet.", "not signed"),
    ],
)  # fmt: skip
def test_it_is_said_who_signed(
    marketing: tuple[str, date | None], sales: tuple[str, date | None], said: str, missing: str
) -> None:
    found = agreement(row(marketing, sales))
    assert found.said == f"Lead definition 1f0c6a3be2d4: {said}"
    assert found.missing == (missing and f"Definition {missing}")


generations = count(900)


@pytest.fixture(params=["half", "signed"])
def boards(request: pytest.FixtureRequest, boards_server: LocalClickHouse) -> Iterator[str]:
    """Boards of a generation that works by a definition that is signed so."""
    half = ("  marketing: null\n", "  marketing: {by: Ada, date: 2026-01-31}\n")
    definition = changed(half if request.param == "half" else SIGNED).definition
    client, generation = boards_server.client(), next(generations)
    register(client, generation, definition.version, json.dumps(content_of(definition)), [("here", date(2026, 4, 2))])
    promote(client, generation)
    yield str(request.param)
    client.close()


@pytest.mark.parametrize("path", [*(f"/boards/{uid}" for uid in BOARDS), "/lists/owed"])
def test_every_page_says_so(path: str, boards: str, reader: BoardsReader) -> None:
    page = TestClient(create_app(reader), base_url="http://localhost").get(path).text
    assert ("Definition not signed by sales" in page) == (boards == "half")
    assert ("agreed by marketing (Ada, 31 Jan 2026) and sales (Bo, 1 Feb 2026)" in page) == (boards == "signed")


def test_it_is_renewed_with_the_freshness(boards: str, reader: BoardsReader) -> None:
    part = TestClient(create_app(reader), base_url="http://localhost").get("/as-of").text
    assert ("Definition not signed by sales" in part) == (boards == "half")


def test_where_no_worker_has_started_nothing_is_said(nothing: BoardsReader) -> None:
    page = TestClient(create_app(nothing), base_url="http://localhost").get(f"/boards/{next(iter(BOARDS))}").text
    assert "Lead definition" not in page
