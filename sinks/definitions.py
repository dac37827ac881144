"""The lead definition of each generation, so that boards can say what was agreed and count working days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sinks.client import Client


def register(client: Client, generation: int, version: str, content: str, days: Iterable[tuple[str, date]]) -> bool:
    """Writes down what a generation is made by, once; False if that was done before.

    `content`: the whole definition as JSON. `days`: calendar and working day, of every calendar.
    """
    known = "SELECT 1 FROM facts.definitions WHERE generation = {g:UInt32} LIMIT 1"
    if client.query(known, {"g": generation}).result_rows:
        return False
    # Days first: who finds the definition finds them, too. Two workers at once write the same twice.
    rows = [[generation, calendar, day] for calendar, day in days]
    client.insert("facts.working_days", rows, column_names=["generation", "calendar", "day"])
    client.insert(
        "facts.definitions", [[generation, version, content]], column_names=["generation", "version", "content"]
    )
    return True
