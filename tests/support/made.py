"""A company of a few hand-made rows, and what a measure says of it: the fixture `made`.

Times are '2026-03-02 10:00', in UTC; a day alone is its midnight. What a row does not say has the column's default.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from deploy.worker import working_days
from sinks.client import Client
from sinks.definitions import register
from sinks.live import promote
from sinks.writer import Batch, Writer
from streams.definition import load_definition
from streams.definition.content import content_of
from tests.sinks.conftest import generations
from tests.sinks.rows import values
from tests.support.clickhouse import LocalClickHouse

Row = dict[str, Any]
_KINDS = ("users", "spend", "targets", "target_accounts", "rates")
_OF_PERIODS = ("nurture_effect", "cost_per_step", "origin_compare")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_loads = count(1)
DEFINITION = load_definition(None)


def micros(text: str) -> int:
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


class Made:
    """Rows wait until a measure is asked for; the boards show those of `generation`."""

    def __init__(self, client: Client, generation: int) -> None:
        self.generation = generation
        self._client = client
        self._batch = Batch()
        self._numbers = count(1)

    def row(self, table: str, key: tuple[str, ...], **given: Any) -> None:
        said = {name: micros(v) if _is_time(name) and isinstance(v, str) else v for name, v in given.items()}
        self._batch.add(table, key, values(table, **said), 1, 1)

    def lead(self, lead: str, began_at: str = "2026-03-01", **given: Any) -> None:
        self.row("leads", (lead,), began_at=began_at, **given)

    def entry(self, lead: str, stage: str, at: str, **given: Any) -> None:
        self.row("stage_entries", (lead, self._cause(), stage), entered_at=at, **{"cycle": 1, **given})

    def deal(self, lead: str, deal: str, created_at: str, **given: Any) -> None:
        """Of new business; won, if it is closed and nothing else is said."""
        status = "won" if given.get("closed_at") else "open"
        said = {"kind": "new_business", "status": status, **given}
        self.row("deals", (lead, deal), created_at=created_at, **said)

    def touch(self, lead: str, at: str, **given: Any) -> None:
        self.row("touches", (lead, self._cause()), occurred_at=at, **{"side": "marketing", **given})

    def activity(self, lead: str, at: str, **given: Any) -> None:
        self.row("activities", (lead, self._cause()), occurred_at=at, **{"human": 1, **given})

    def owed(self, lead: str, opened_at: str, due_at: str, **given: Any) -> None:
        key = (lead, given.pop("kind", "untouched"), self._cause())
        self.row("obligations", key, opened_at=opened_at, warn_at=due_at, due_at=due_at, **given)

    def load(self, kind: str, *rows: Row, months: Sequence[str] = ()) -> None:
        """Reference data. `months`: the first days of those that are replaced, where the kind goes by months."""
        version = next(_loads)
        names = list(rows[0])
        lines = [[version, number, "test.csv", number, *row.values()] for number, row in enumerate(rows)]
        self._client.insert(f"facts.{kind}", lines, column_names=["version", "row", "file", "line", *names])
        load = [version, kind, "test", "test.csv", len(rows), [day(month) for month in months]]
        columns = ["version", "kind", "loaded_by", "file", "rows", "months"]
        self._client.insert("facts.loads", [load], column_names=columns)

    def rates(self, **rates: float) -> None:
        """Of the reporting currency for one unit; it has 1 itself."""
        self.load("rates", *({"currency": c, "valid_from": day("1971-01-01"), "rate": r} for c, r in rates.items()))

    def write(self, generation: int | None = None) -> None:
        Writer(self._client, generation or self.generation).write(self._batch)
        self._batch = Batch()

    def written_elsewhere(self) -> None:
        """What was made so far is of a generation that the boards do not show."""
        self.write(self.generation + 5000)

    def ask(
        self, measure: str, at: str = "2027-01-01", since: str = "2020-01-01", until: str = "2030-01-01"
    ) -> list[Row]:
        """The rows of boards.<measure>_as_of, without `as_of`."""
        self.write()
        given = {"at": f"{at}:00.000000" if ":" in at else f"{at} 00:00:00.000000"}
        said = "at = {at:DateTime64(6, 'UTC')}"
        if measure in _OF_PERIODS:
            given |= {"since": since, "until": until}
            said += ", since = {since:Date}, until = {until:Date}"
        rows = self.query(f"SELECT * FROM boards.{measure}_as_of({said})", **given)
        assert all(row.pop("as_of") == datetime.fromtimestamp(micros(at) // 10**6, UTC) for row in rows)
        return rows

    def query(self, sql: str, **parameters: Any) -> list[Row]:
        self.write()
        return list(self._client.query(sql, parameters=parameters or None).named_results())

    def _cause(self) -> str:
        return f"c{next(self._numbers)}"


@pytest.fixture
def made(clickhouse: LocalClickHouse) -> Iterator[Made]:
    """A company without a row, in a generation of its own."""
    with showing(clickhouse, next(generations)) as company:
        yield company


@contextmanager
def showing(clickhouse: LocalClickHouse, generation: int) -> Iterator[Made]:
    """Without reference data, which belongs to no generation and so goes before and after."""
    with closing(clickhouse.client()) as client:
        promote(client, generation)
        register(client, generation, DEFINITION.version, json.dumps(content_of(DEFINITION)), working_days(DEFINITION))
        _forget(client)
        yield Made(client, generation)
        _forget(client)


def _forget(client: Client) -> None:
    for kind in (*_KINDS, "loads"):
        client.command(f"TRUNCATE TABLE facts.{kind}")


def _is_time(name: str) -> bool:
    return name.endswith("_at") or name in ("counts_from", "until", "first_seen")


def only(rows: list[Row], *names: str, **where: Any) -> Any:
    """The named values of the one row that is as said; a value alone if there is one name."""
    (row,) = [row for row in rows if all(row[name] == value for name, value in where.items())]
    found = tuple(row[name] for name in names)
    return found[0] if len(found) == 1 else found


def total(rows: list[Row], *names: str, **where: Any) -> Any:
    """Sums over the rows that are as said."""
    chosen = [row for row in rows if all(row[name] == value for name, value in where.items())]
    found = tuple(sum(row[name] for row in chosen) for name in names)
    return found[0] if len(found) == 1 else found
