"""One plain sentence about an obligation: how it stands at a time, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from streams.journey.obligations import state_at
from streams.model import DAY, HOUR, MINUTE, SECOND, Micros


def explain(obligation: Mapping[str, Any], time: Micros) -> str:
    """`obligation`: a row of `obligations` with its `kind`; `time`: UTC microseconds."""
    row = obligation
    state = state_at(row, time)
    kind = str(row["kind"]).replace("_", " ")
    who = f"{row['owed_by']} ({row['owner']})" if row["owner"] and row["owed_by"] == "sales" else str(row["owed_by"])
    head = f"{kind}: owed by {who} since {_at(row['opened_at'])}"
    due, by = row["due_at"], row.get("met_by_source") or "an event"
    match state:
        case None:
            return f"{kind}: not owed yet at {_at(time)}; it opens {_at(row['opened_at'])}."
        case "open":
            return f"{head}, due {_at(due)}: open, {_span(due - time)} left."
        case "warned":
            return f"{head}, due {_at(due)}: about to leak, only {_span(due - time)} left."
        case "leaking":
            return f"{head}, was due {_at(due)}: leaking for {_span(time - due)}, nothing has met it."
        case "met":
            early = f"{_span(due - row['met_at'])} before it was due"
            return f"{head}: met {_at(row['met_at'])} by {by}, {early}{_note(row)}."
        case "recovered":
            late = f"{_span(row['met_at'] - due)} too late"
            return f"{head}: recovered {_at(row['met_at'])} by {by}, {late} (due {_at(due)}){_note(row)}."
        case "lost" if row["void_reason"]:
            why = str(row["void_reason"]).replace("_", " ")
            return f"{head}: lost, as it was past due ({_at(due)}) when it was set aside {_at(row['ended_at'])}: {why}."
        case "lost":
            return f"{head}, due {_at(due)}: lost, the lead was given up {_at(row['ended_at'])} before it was met."
        case "voided":
            why = str(row["void_reason"]).replace("_", " ")
            return f"{head}, due {_at(due)}: void since {_at(row['ended_at'])}, as {why}; it counts for nobody."


def _note(row: Mapping[str, Any]) -> str:
    return f" ({row['note']})" if row["note"] else ""


def _at(time: Micros) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time // SECOND)).strftime("%Y-%m-%d %H:%M:%S UTC")


def _span(micros: Micros) -> str:
    for unit, length in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        if micros >= 2 * length:
            return f"{micros // length} {unit}s"
    return f"{micros // SECOND} seconds"
