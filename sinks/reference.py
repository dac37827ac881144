"""Versions of reference data: rows come first, and count from when one row of `facts.loads` names their version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from clickhouse_connect.driver.exceptions import ClickHouseError

from sinks.client import Client, SinkError, one_line
from sinks.tables import LOADS, TABLES

# Above the last one even where a clock was put back, so that the newer load always counts.
_NEXT = "SELECT greatest(toUnixTimestamp64Micro(now64(6)), toInt64(max(version)) + 1) FROM facts.loads"
_SHOWN = {"spend": "spend_as_loaded"}  # the view of a kind with its lines as they are


@dataclass(frozen=True, slots=True)
class Standing:
    """A line that boards show. Of what is no matter of months, the days are those of no line."""

    file: str
    line: int
    first_day: date
    last_day: date
    channel: str


def standing(client: Client, kind: str) -> list[Standing]:
    """Raises SinkError."""
    view = _SHOWN.get(kind, kind)
    named = {column.name for column in TABLES[kind].values}
    days = "first_day, last_day" if "first_day" in named else "toDate(0), toDate(0)"
    channel = "toString(channel)" if "channel" in named else "''"
    with _told(kind):
        rows = client.query(f"SELECT file, line, {days}, {channel} FROM boards.{view}").result_rows
    return [Standing(*row) for row in rows]


def write(client: Client, kind: str, rows: Sequence[Mapping[str, Any]], months: Sequence[date], by: str) -> int:
    """Replaces what stands for `months`, or the whole list if there are none; returns the version. Raises SinkError.

    `rows` have the columns of the kind's table.
    """
    table = TABLES[kind]
    names = [column.name for column in table.values]
    file = ", ".join(dict.fromkeys(str(row["file"]) for row in rows))
    with _told(kind):
        version = int(client.query(_NEXT).result_rows[0][0])
        numbered = [[version, number, *(row[name] for name in names)] for number, row in enumerate(rows)]
        client.insert(table.full_name, numbered, column_names=[*(column.name for column in table.key), *names])
        load = [version, kind, by, file, len(rows), list(months)]
        client.insert(LOADS.full_name, [load], column_names=[column.name for column in LOADS.columns])
    return version


@contextmanager
def _told(kind: str) -> Iterator[None]:
    try:
        yield
    except ClickHouseError as error:
        said = one_line(error)
        if "UNKNOWN_TABLE" in said or "UNKNOWN_DATABASE" in said:
            said = "its tables are missing; funnelwatch migrate makes them"
        raise SinkError(said, table=kind) from error
