"""The sentence that says why an obligation is in the state it is in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dashboards import words
from dashboards.viewer import format as say


def who(row: Mapping[str, Any]) -> str:
    side = str(row["owed_by"])
    return (
        f"{row['owner']} ({words.side(side).lower()})"
        if row["owner"] and side == "sales"
        else words.TEAMS.get(side, words.side(side))
    )


def why(row: Mapping[str, Any], now: datetime | None = None) -> str:
    """Needs a row of `boards.obligations` with `late`: minutes from due until done, ended or now (below 0: early)."""
    opened, due = say.moment(row["opened_at"], now), say.moment(row["due_at"], now)
    return (
        f"{who(row)} was to {words.owes(str(row['kind']))} by {due}; the clock started on {opened}. "
        f"{_outcome(row, now)}"
    )


def _outcome(row: Mapping[str, Any], now: datetime | None) -> str:
    away, met, ended = say.duration(row["late"]), say.moment(row["met_at"], now), say.moment(row["ended_at"], now)
    match row["state"]:
        case "open":
            return f"There is time: {away} left."
        case "warned":
            return f"It has not happened yet, and only {away} are left."
        case "leaking":
            return f"It has not happened: {away} overdue."
        case "met":
            return f"Done on {met}, {away} before it was due{_unlogged(row)}."
        case "recovered":
            return f"Done on {met}, {away} too late, but done{_unlogged(row)}."
        case "lost":
            return f"It ended on {ended} without {words.kept_by(str(row['kind']))}."
        case "voided":
            reason = words.readable(str(row["void_reason"])).lower()
            return f"Set aside on {ended}{': ' + reason if reason else ''}. It counts for nobody."
        case other:
            return str(other)


def _unlogged(row: Mapping[str, Any]) -> str:
    return f" ({row['note']})" if row["note"] else ""
