"""Reads a list of people, and says in words which one it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dashboards.boards import VARIABLES
from dashboards.macros import PERIODS, expand
from dashboards.model import LeadList, Panel
from dashboards.queries import query
from dashboards.viewer import format as say
from dashboards.viewer.charts import bucket_name
from dashboards.viewer.look import Look
from dashboards.viewer.reader import Reader, Row, ask

MOST_ON_PAGE = 300
MOST_IN_CSV = 100_000
_WHEN = {
    "due": "due in the period",
    "done": "done or ended in the period",
    "closed": "closed in the period",
    "opened": "opened in the period",
    "entered": "in the period",
    "matured": "their 90 days ended in the period",
    "had_time": "their time ended in the period",
}
_ARGUMENTS = {
    "of": "of",
    "fate": "became:",
    "ready": "met the definition:",
    "decision": "decision:",
    "touched": "called:",
    "accepted": "accepted:",
    "reason": "reason:",
    "bought_by": "bought by:",
    "cycle": "cycle",
    "nurtured": "nurtured:",
    "size": "size:",
    "score": "score:",
    "came": "came:",
    "generated_by": "found by",
    "customer": "customer:",
    "account": "account",
    "division": "department",
    "verdict": "verdict:",
    "measured": "measured:",
    "basis": "by",
    "step": "came as far as",
    "leaking": "leaking:",
    "campaign": "campaign",
    "origin": "found by",
    "bucket": "",
}


@dataclass(frozen=True, slots=True)
class Found:
    rows: Sequence[Row]
    all_rows: int
    all_leads: int | None  # None where the list is not of leads


def read_list(reader: Reader, lead_list: LeadList, look: Look, most: int = MOST_ON_PAGE) -> Found:
    """The first `most` rows, and how many there are. Raises QueryFailed and BadValue."""
    sql = query(lead_list.query)
    rows = ask(reader, f"SELECT * FROM ({sql}) AS listed LIMIT {most + 1}", look.scope)
    of_leads = any(field.unit == "lead" for field in lead_list.fields)
    if len(rows) <= most:
        leads = {row["lead_id"] for row in rows} - {""} if of_leads else None
        return Found(rows, len(rows), None if leads is None else len(leads))
    leads_sql = "uniqExactIf(lead_id, lead_id != '')" if of_leads else "NULL"
    totals = ask(reader, f"SELECT count() AS n, {leads_sql} AS leads FROM ({sql}) AS listed", look.scope)[0]
    return Found(rows[:most], int(totals["n"]), None if totals["leads"] is None else int(totals["leads"]))


def needs_period(lead_list: LeadList, look: Look) -> bool:
    """Whether another period would show other rows."""
    sql = query(lead_list.query)
    return len({expand(sql, replace(look, period=PERIODS[name]).scope) for name in ("24h", "all")}) > 1


def chosen_words(lead_list: LeadList, look: Look) -> list[tuple[str, str]]:
    """What narrows this list, each with the argument's name: ("kind", "No one has called yet")."""
    words = []
    for name, values in look.arguments.items():
        unit = lead_list.arguments[name]
        if name == "when":
            said = " or ".join(_WHEN.get(value, value) for value in values)
        elif name == "rolling":
            said = "without rolling ones" if values == ("0",) else "rolling"
        elif name == "bucket":
            said = " or ".join(_bucket(value, look) for value in values)
        else:
            said = " or ".join(say.plain(unit, value, {}) or value for value in values)
        words.append((name, f"{_ARGUMENTS.get(name, '')} {said}".strip()))
    for variable in VARIABLES:
        words += [
            (variable.name, f"{variable.label.lower()}: {say.plain(variable.unit, value, {})}")
            for value in look.variables.get(variable.name, ())
        ]
    return words


def untold_words(panel: Panel, look: Look) -> str:
    """Why the panel shows nothing while a variable is chosen that its measure does not know; else empty."""
    chosen = [v for v in VARIABLES if v.name in panel.untold and look.variables.get(v.name)]
    if not chosen:
        return ""
    named = " or ".join(v.label.lower() for v in chosen)
    everyone = " and ".join(f"“{v.everyone}”" for v in chosen)
    return f"This cannot be told by {named}. Choose {everyone} to see it."


def _bucket(value: str, look: Look) -> str:
    try:
        return bucket_name(look.period)(datetime.fromtimestamp(int(value), UTC))
    except (ValueError, OverflowError, OSError):
        return value


def in_csv(name: str, value: Any) -> Any:
    """A value as a CSV cell; minutes are whole, times ISO.

    Text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    if name == "left" and value is not None:
        return round(value)
    if isinstance(value, datetime):
        return say.utc(value).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
