"""The facts of two generations beside each other."""

from __future__ import annotations

from typing import NamedTuple

from sinks.checksum import NOT_CONTENT
from sinks.client import Client
from sinks.tables import FACTS


class Rows(NamedTuple):
    """Beside what must be there: rows missing, rows beyond, and rows that say something else."""

    lost: int
    doubled: int
    different: int

    @property
    def same(self) -> bool:
        return not any(self)


def compare(client: Client, found: int, expected: int) -> Rows:
    """Two generations, under FINAL, revisions and places in Kafka apart."""
    lost = doubled = different = 0
    for table in FACTS:
        keys = [column.name for column in table.key]
        content = keys + [column.name for column in table.values]
        content = [name for name in content if name not in NOT_CONTENT.get(table.name, ())]
        missing = _beyond(client, table.full_name, keys, expected, found)
        lost += missing
        doubled += _beyond(client, table.full_name, keys, found, expected)
        different += _beyond(client, table.full_name, content, expected, found) - missing
    return Rows(lost, doubled, different)


def _beyond(client: Client, table: str, columns: list[str], one: int, other: int) -> int:
    """How many rows of generation `one` are not in the `other`."""
    rows = f"SELECT {', '.join(columns)} FROM {table} FINAL WHERE generation ="
    return int(client.query(f"SELECT count() FROM ({rows} {one} EXCEPT {rows} {other})").result_rows[0][0])


def forget(client: Client, generation: int) -> None:
    """So that every variant finds ClickHouse with as much to merge."""
    for table in FACTS:
        client.command(f"ALTER TABLE {table.full_name} DROP PARTITION {generation}")
