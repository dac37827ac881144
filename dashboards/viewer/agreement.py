"""Who signed the lead definition that all numbers follow from: said on every page."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.macros import Scope
from dashboards.viewer.reader import QueryFailed, Reader, Row, ask_named

_DEPARTMENTS = ("marketing", "sales")


@dataclass(frozen=True, slots=True)
class Agreement:
    """`said` is a whole sentence; `missing` is for a glance, empty where both departments have signed."""

    said: str
    missing: str = ""


def read_agreement(reader: Reader) -> Agreement | None:
    """None where no worker has said yet what it works by."""
    try:
        rows = ask_named(reader, "definition", Scope())
    except QueryFailed:  # a database from before definitions were kept there has its numbers all the same
        return None
    return agreement(rows[0]) if rows else None


def agreement(row: Row) -> Agreement:
    signed = [f"{department} ({_signature(row, department)})" for department in _DEPARTMENTS if _by(row, department)]
    missing = [department for department in _DEPARTMENTS if not _by(row, department)]
    name = f"Lead definition {row['version']}"
    if not missing:
        return Agreement(f"{name}: agreed by {' and '.join(signed)}.")
    if not signed:
        return Agreement(f"{name}: signed neither by marketing nor by sales yet.", "Definition not signed")
    return Agreement(
        f"{name}: signed by {signed[0]}, not by {missing[0]} yet.", f"Definition not signed by {missing[0]}"
    )


def _by(row: Row, department: str) -> str:
    return str(row[f"signed_by_{department}"])


def _signature(row: Row, department: str) -> str:
    day = row[f"{department}_date"]
    return _by(row, department) + (f", {day.day} {day:%b %Y}" if day else "")
