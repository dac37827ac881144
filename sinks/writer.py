"""Writes fact rows: coalesced per key, sent as columns, repeated for as long as ClickHouse is away.

Sending a row again is harmless: rows of equal key and revision are equal, and ReplacingMergeTree keeps one.
"""

from __future__ import annotations

import logging
import math
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, Protocol

from clickhouse_connect.datatypes.base import ClickHouseType
from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.exceptions import DataError, Error, NotSupportedError, ProgrammingError

from sinks.client import Client, SinkError, one_line
from sinks.tables import GENERATION, IS_DELETED, REVISION, SOURCE_AT, STRING, TABLES, WORD, Column, Table

__all__ = ["Batch", "SinkError", "Writer", "WrongColumns"]

log = logging.getLogger("funnelwatch.sink")

ROWS_PER_INSERT = 100_000
ROWS_PER_BLOCK = 1_000  # turned into columns at once: what stays in the processor's cache is turned faster
FIRST_DELAY_S, LAST_DELAY_S = 0.1, 5.0
# Busy, out of memory, too many parts, a restart, a replica without its keeper: things that pass.
PASSING = {3, 96, 159, 198, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 279, 285, 319, 373, 394, 439, 999}
NEVER = (DataError, NotSupportedError, ProgrammingError)

Key = tuple[Any, ...]
Content = tuple[int, int, tuple[Any, ...] | None]  # revision, source_at, values in declared order or gone


class WrongColumns(ValueError):
    """A row does not have the columns that its table declares: a mistake in the code that made it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is computed once per table."""

    table: Table
    width: int
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    defaults: tuple[Any, ...]  # of the values of a tombstone
    names: tuple[str, ...]
    types: tuple[ClickHouseType, ...]

    def turned(self, rows: Sequence[tuple[Key, Content]], generation: int) -> list[Sequence[Any]]:
        """Rows as columns, in the order of `names`."""
        keys, contents = zip(*rows, strict=True)
        revisions, sources, picked = zip(*contents, strict=True)
        values = [self.defaults if row is None else row for row in picked]
        columns: list[Sequence[Any]] = [*zip(*keys, strict=True), *zip(*values, strict=True)]
        if self.table.has_generation:
            columns.insert(0, [generation] * len(keys))
        if self.table.is_fact:
            columns += [sources, revisions, [int(row is None) for row in picked]]
        return columns

    def wrong(self, values: Mapping[str, Any]) -> WrongColumns:
        declared = {column.name for column in self.table.values}
        missing, unknown = sorted(declared - values.keys()), sorted(values.keys() - declared)
        return WrongColumns(f"{self.table.name}: missing {missing}, not declared {unknown}")


@cache
def shape(name: str) -> Shape:
    table = TABLES.get(name)
    if table is None:
        raise WrongColumns(f"{name}: no such table, the declared ones are {', '.join(TABLES)}")
    names = [column.name for column in table.values]
    getter = itemgetter(*names)
    pick = getter if len(names) > 1 else lambda values: (getter(values),)
    sent: list[Column] = [*table.key, *table.values]
    if table.has_generation:
        sent.insert(0, GENERATION)
    if table.is_fact:
        sent += [SOURCE_AT, REVISION, IS_DELETED]
    return Shape(
        table=table,
        width=len(names),
        pick=pick,
        defaults=tuple(_default(column.type) for column in table.values),
        names=tuple(column.name for column in sent),
        # as plain strings: ClickHouse makes the dictionaries of LowCardinality columns at a fraction of the cost
        types=tuple(get_from_name(STRING if column.type == WORD else column.type) for column in sent),
    )


def _default(kind: str) -> Any:
    if kind.startswith("Nullable"):
        return None
    return "" if "String" in kind else 0.0 if "Float" in kind else 0


class Batch:
    """Rows to write, at most one per table and key: the one of the highest revision, the later one of equals."""

    __slots__ = ("_tables",)

    def __init__(self) -> None:
        self._tables: dict[str, dict[Key, Content]] = {}

    def add(self, table: str, key: Key, values: Mapping[str, Any] | None, revision: int, source_at: int) -> None:
        """`key`: the sorting columns after generation. `values` None: the row is gone. Times are UTC µs.

        Raises WrongColumns. Logs (`progress`) have no revision of their own: it only orders rows inside the batch.
        """
        rows = self._tables.get(table)
        form = shape(table)
        if rows is None:
            rows = self._tables[table] = {}
        if len(key) != len(form.table.key):
            raise WrongColumns(f"{table}: key {key!r} is not ({', '.join(c.name for c in form.table.key)})")
        known = rows.get(key)
        if known is not None and known[0] > revision:
            return
        picked = None
        if values is not None:
            try:
                picked = form.pick(values)
            except KeyError:
                raise form.wrong(values) from None
            if len(values) != form.width:
                raise form.wrong(values)
        elif not form.table.is_fact:
            raise WrongColumns(f"{table}: a log has no tombstones")
        rows[key] = (revision, source_at, picked)

    def take(self, other: Batch, table: str) -> None:
        """The rows that `other` has of a table as well; it may not be used for that table any more."""
        rows = other._tables[table]
        mine = self._tables.setdefault(table, rows)
        if mine is not rows:
            for key, row in rows.items():
                known = mine.get(key)
                if known is None or known[0] <= row[0]:
                    mine[key] = row

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))

    def tables(self) -> list[str]:
        return list(self._tables)

    def columns(self, table: str, generation: int) -> Iterator[list[list[Any]]]:
        """The rows of `table` as columns in the order of `Shape.names`, ROWS_PER_INSERT rows at a time."""
        form = shape(table)
        rows = list(self._tables[table].items())
        for start in range(0, len(rows), ROWS_PER_INSERT):
            end = min(start + ROWS_PER_INSERT, len(rows))
            columns: list[list[Any]] = [[] for _ in form.names]
            for block in range(start, end, ROWS_PER_BLOCK):
                parts = form.turned(rows[block : min(block + ROWS_PER_BLOCK, end)], generation)
                for column, part in zip(columns, parts, strict=True):
                    column.extend(part)
            yield columns


class Listener(Protocol):
    """Who is told of inserts, in the thread that writes. seconds: with all that was tried before."""

    def inserted(self, table: str, rows: int, seconds: float) -> None: ...

    def retried(self, table: str) -> None: ...


class Writer:
    """Blocking; several threads may use it. `retries` counts attempts that failed so far.

    away_since: when the first of the attempts failed that fail now (time.monotonic), None while all is well.
    """

    def __init__(
        self, client: Client, generation: int, deadline_s: float = math.inf, listener: Listener | None = None
    ) -> None:
        self._client = client
        self._generation = generation
        self._deadline_s = deadline_s
        self._listener = listener
        self._stopping = threading.Event()
        self.retries = 0
        self._away: set[str] = set()  # tables
        self.away_since: float | None = None

    def write(self, batch: Batch) -> None:
        """Returns when ClickHouse has acknowledged every row. Raises SinkError with the table's name.

        An outage is waited for until the deadline or `stop`; what will never pass raises at once.
        """
        for table in batch.tables():
            self._write(batch, table)

    def write_table(self, table: str, batches: Sequence[Batch]) -> None:
        """The rows of all these of one table in one insert, otherwise as `write`."""
        joined = Batch()
        for batch in batches:
            joined.take(batch, table)
        self._write(joined, table)

    def _write(self, batch: Batch, table: str) -> None:
        deadline = time.monotonic() + self._deadline_s
        for columns in batch.columns(table, self._generation):
            began = time.monotonic()
            self._insert(table, columns, deadline)
            if self._listener is not None:
                self._listener.inserted(table, len(columns[0]), time.monotonic() - began)

    def stop(self) -> None:
        """Ends the waiting for a ClickHouse that is away; callable from any thread."""
        self._stopping.set()

    def _insert(self, table: str, columns: list[list[Any]], deadline: float) -> None:
        form = shape(table)
        delay = FIRST_DELAY_S
        while True:
            try:
                self._client.insert(
                    form.table.full_name,
                    columns,
                    column_names=form.names,
                    column_types=form.types,
                    column_oriented=True,
                )
                self._is_back(table)
                return
            except Exception as error:  # a value that does not fit its column is any kind of error
                failure = SinkError(one_line(error), table=table, retryable=_passes(error))
                if not failure.retryable or time.monotonic() + delay > deadline:
                    raise failure from error
            self._is_away(failure)
            if self._stopping.wait(delay * random.uniform(0.5, 1.0)):
                raise failure
            delay = min(delay * 2, LAST_DELAY_S)

    def _is_away(self, failure: SinkError) -> None:
        self.retries += 1
        if self._listener is not None:
            self._listener.retried(failure.table)
        self._away.add(failure.table)
        if self.away_since is None:
            self.away_since = time.monotonic()
            log.warning("ClickHouse does not take rows, trying until it does: %s", failure)

    def _is_back(self, table: str) -> None:
        self._away.discard(table)
        if self.away_since is not None and not self._away:
            log.warning("ClickHouse takes rows again, after %.1f s", time.monotonic() - self.away_since)
            self.away_since = None


def _passes(error: Exception) -> bool:
    return isinstance(error, Error) and not isinstance(error, NEVER) and error.code in (None, *PASSING)
