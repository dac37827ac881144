"""Values as people read them: one function per unit, all numbers in one style."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from dashboards import words
from dashboards.model import Field, Tone, Unit
from dashboards.viewer.reader import Row

NONE = "–"
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "BRL": "R$", "": ""}


def count(value: Any) -> str:
    """Thousands apart by a narrow space; fractions only where there are any."""
    if value is None:
        return NONE
    number = float(value)
    text = f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
    return text.replace(",", "\u202f")


def share(value: Any) -> str:
    if value is None:
        return NONE
    percent = 100 * float(value)
    return f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def money(value: Any, currency: str, short: bool = False) -> str:
    if value is None:
        return NONE
    amount, sign = float(value), _SIGNS.get(currency, currency + "\u00a0")
    if short and abs(amount) >= 1_000_000:
        return f"{sign}{amount / 1_000_000:.2f}M"
    if short and abs(amount) >= 10_000:
        return f"{sign}{amount / 1000:.0f}k"
    return sign + count(round(amount))


def duration(minutes: Any) -> str:
    """Two units at most: 42 min, 5 h 12 min, 3 d 4 h, 23 days."""
    if minutes is None:
        return NONE
    whole = int(abs(float(minutes)))
    if whole < 1:
        return "under a minute"
    if whole < 60:
        return f"{whole} min"
    hours, rest = divmod(whole, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"
    days, hours = divmod(hours, 24)
    if days < 10:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{days} days"


def utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def points(value: Any) -> str:
    """A difference of shares: +15 points."""
    if value is None:
        return NONE
    whole = round(100 * float(value))
    sign = "+" if whole > 0 else "\u2212" if whole < 0 else ""
    return f"{sign}{abs(whole)} point{'' if abs(whole) == 1 else 's'}"


def moment(value: Any, now: datetime | None = None) -> str:
    """3 May, 14:21 (with the year where it is not this year's)."""
    if not isinstance(value, datetime):
        return NONE
    at = utc(value)
    year = "" if now is not None and utc(now).year == at.year else f" {at.year}"
    return f"{at.day} {at:%b}{year}, {at:%H:%M}"


def day(value: Any) -> str:
    return f"{value.day} {value:%b %Y}" if isinstance(value, date) else NONE


def days(value: Any) -> str:
    return NONE if value is None else f"{float(value):.0f} days"


def known(value: Any) -> str:
    return str(value) if value not in (None, "") else words.NOT_KNOWN


def share_counts(field: Field, row: Row) -> str:
    """The counts of a share: 66 of 212."""
    return f"{count(row[field.hits])} of {count(row[field.of])}" if field.of else ""


def left(value: Any) -> str:
    if value is None:
        return ""
    return f"{duration(value)} overdue" if float(value) < 0 else f"{duration(value)} left"


_WORDS: dict[Unit, Callable[[str], str]] = {
    "kind": words.broken,
    "promise": words.promise,
    "stage": words.stage,
    "state": words.state,
    "side": words.side,
    "label": words.label,
}
_TERMS: dict[Unit, Callable[[str], str]] = {
    "kind": words.readable,
    "promise": words.readable,
    "state": lambda term: words.STATES.get(term, ("", term))[1],
    "stage": words.stage_term,
}


def plain(unit: Unit, value: Any, row: Row, now: datetime | None = None) -> str:
    """Any value as text. Money needs the column `currency` beside it."""
    if unit == "kind" and row.get("state") in words.SETTLED:
        unit = "promise"
    if unit in _WORDS:
        return _WORDS[unit](str(value)) if value else (words.stage("") if unit == "stage" else "")
    match unit:
        case "count":
            return count(value)
        case "share":
            return share(value)
        case "money":
            return money(value, str(row.get("currency", "")))
        case "minutes":
            return duration(value)
        case "days":
            return days(value)
        case "points":
            return points(value)
        case "day":
            return day(value)
        case "size":
            return words.size(str(value)) if value else words.NOT_KNOWN
        case "time":
            return moment(value, now)
        case "left":
            return left(value)
        case "channel":
            return words.channel(str(value))
        case "region":
            return words.region(str(value)) if value else words.NOT_KNOWN
        case "origin":
            return words.readable(str(value) or words.NOT_KNOWN)
        case _:
            return known(value)


def term(unit: Unit, value: Any) -> str:
    """The trade's own term for a value that is shown in plain words."""
    return _TERMS[unit](str(value)) if unit in _TERMS and value else ""


def tone_of_state(state: Any) -> Tone:
    tones: dict[str, Tone] = {"leaking": "leak", "warned": "warn", "recovered": "good", "met": "good", "open": "plain"}
    return tones.get(str(state), "quiet")
