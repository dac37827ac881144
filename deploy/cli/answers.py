"""An answer as a table, JSON (a list of objects) or CSV with a header; times are ISO 8601 in UTC."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from sinks.reader import Result


def show(result: Result, format: str) -> None:
    if format == "json":
        rows = [dict(zip(result.columns, map(_plain, row), strict=True)) for row in result.rows]
        print(json.dumps(rows, ensure_ascii=False, default=str, indent=1))
    elif format == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(result.columns)
        writer.writerows(map(_cell, row) for row in result.rows)
    else:
        table(result)


def table(result: Result) -> None:
    shown = Table(*result.columns)
    for column, kind in zip(shown.columns, result.types, strict=True):
        if "Int" in kind or "Float" in kind or "Decimal" in kind:
            column.justify = "right"
    for row in result.rows:
        shown.add_row(*map(_text, row))
    console().print(shown)


def console() -> Console:
    """Of its terminal's width; as wide as needed where it goes into a file."""
    out = Console(highlight=False, markup=False, emoji=False)
    return out if out.is_terminal else Console(highlight=False, markup=False, emoji=False, width=400)


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return value


def _cell(value: Any) -> Any:
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False, default=str) if isinstance(plain, list | dict) else plain


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else str(_cell(value))
