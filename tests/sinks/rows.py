"""Made rows: every column of a table with its default, overridden by what a test cares about."""

from __future__ import annotations

from typing import Any

from sinks.tables import TABLES
from sinks.writer import shape

T0 = 1_790_000_000_000_000  # UTC µs
SECOND, HOUR, DAY = 10**6, 3_600 * 10**6, 86_400 * 10**6


def values(table: str, **given: Any) -> dict[str, Any]:
    names = [column.name for column in TABLES[table].values]
    unknown = given.keys() - set(names)
    assert not unknown, f"{table} has no {unknown}"
    return dict(zip(names, shape(table).defaults, strict=True)) | given
