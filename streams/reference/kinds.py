"""What each kind of reference data consists of: its columns, and how a line becomes a row of `facts.<kind>`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from streams.reference import KindName, values
from streams.reference.cells import Cells
from streams.reference.values import Period
from streams.reference.words import Words, department
from streams.sources.values import BadValue

Values = dict[str, Any]

ALWAYS = date(values.YEARS[0], 1, 1)  # valid_from of a user whose file names none
_LONGEST = timedelta(days=1095)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
_COMMITTEE = range(1, 1001)


@dataclass(frozen=True, slots=True)
class Kind:
    """`read` gives a row only if every cell is right. `same`: columns by which two rows are of one thing.

    monthly: a load replaces the months that it has days of; else it replaces the whole list.
    """

    columns: tuple[str, ...]
    needed: tuple[str, ...]
    read: Callable[[Cells, Words], Values]
    same: tuple[str, ...]
    monthly: bool = False


def _user(cells: Cells, words: Words) -> Values:
    since = cells.read("valid_from", values.day, ALWAYS)
    until = cells.read("valid_to", values.day, None)
    if until is not None and until <= since:
        cells.wrong("valid_to", f"is not after valid_from; write the first day after {since}, or leave it empty")
    return {
        "user_id": cells.need("user_id", str, "the owner's id as the CRM has it"),
        "name": cells.text("name"),
        "department": cells.need("department", department, "marketing, sales, operations or other"),
        "role": cells.text("role"),
        "calendar": cells.read("calendar", words.calendar, ""),
        "region": words.region(cells),
        "valid_from": since,
        "valid_to": until,
    }


def _spend(cells: Cells, words: Words) -> Values:
    return {
        **_days(cells, {"month": values.month}),
        "channel": words.channel(cells),
        "campaign": cells.text("campaign"),
        "amount": cells.need("amount", values.money, "what was spent, 0 if nothing"),
        "currency": cells.need("currency", values.currency, "its currency, like EUR"),
    }


def _target(cells: Cells, words: Words) -> Values:
    return {
        **_days(cells, {"month": values.month, "quarter": values.quarter}),
        "region": words.region(cells),
        "industry": cells.text("industry"),
        "stage": cells.read("stage", words.stage, ""),
        "origin": cells.read("origin", words.origin, ""),
        "leads": cells.need("leads", values.whole, "how many leads are promised"),
    }


def _target_account(cells: Cells, _words: Words) -> Values:
    return {
        "account": cells.need("account", _account, "the CRM's account id, or the domain of its e-mails"),
        "name": cells.text("name"),
        "division": cells.text("division"),
        "committee_role": cells.text("committee_role"),
        "committee_size": cells.read("committee_size", _committee_size, None),
    }


def _rate(cells: Cells, _words: Words) -> Values:
    return {
        "currency": cells.need("currency", values.currency, "a currency, like USD"),
        "valid_from": cells.need("from", values.day, "the first day of this rate, like 2026-01-01"),
        "rate": cells.need(
            "rate",
            partial(values.rate, mark=cells.decimal_mark),
            "how much of the reporting currency one unit is worth",
        ),
    }


def _days(cells: Cells, short: dict[str, Callable[[str], Period]]) -> Values:
    """`from` and `to`, both inclusive, or one column that is short for both."""
    ways = f"from and to, or {' or '.join(short)}"
    given = [name for name in short if cells.text(name)]
    ends = [name for name in ("from", "to") if cells.text(name)]
    period = None
    if len(given) + bool(ends) != 1:
        what = "says the days again" if given or ends else "is empty"
        cells.wrong(given[0] if given else "from", f"{what}; write either {ways}")
    elif given:
        period = cells.read(given[0], short[given[0]], None)
    else:
        first, last = (cells.need(name, values.day, "the day, like 2026-03-31") for name in ("from", "to"))
        period = Period(first, last) if first and last else None
    if period and period.last < period.first:
        cells.wrong("to", f"is before {period.first}; write the last day, which counts as well")
    elif period and period.last - period.first > _LONGEST:
        cells.wrong("to", "is more than three years after from; write a line for each year")
    return {"first_day": period and period.first, "last_day": period and period.last}


def _account(text: str) -> str:
    """A domain in lower case as leads have it; anything else is a CRM id, as it is."""
    site = text.casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").partition("/")[0]
    domain = site.rpartition("@")[2]
    if not _DOMAIN.fullmatch(domain):
        return text
    if domain != text.casefold():
        raise BadValue(f"{text!r} is no account; write {domain}, or the CRM's account id")
    return domain


def _committee_size(text: str) -> int:
    size = values.whole(text)
    if size not in _COMMITTEE:
        raise BadValue(f"{text!r} is no committee; write a number up to {_COMMITTEE[-1]}")
    return size


KINDS: dict[KindName, Kind] = {
    "users": Kind(
        ("user_id", "name", "department", "role", "calendar", "region", "valid_from", "valid_to"),
        ("user_id", "department"),
        _user,
        same=("user_id",),
    ),
    "spend": Kind(
        ("channel", "campaign", "from", "to", "month", "amount", "currency"),
        ("channel", "amount", "currency"),
        _spend,
        same=("channel", "campaign", "currency"),
        monthly=True,
    ),
    "targets": Kind(
        ("from", "to", "month", "quarter", "region", "industry", "stage", "origin", "leads"),
        ("leads",),
        _target,
        same=("region", "industry", "stage", "origin"),
        monthly=True,
    ),
    "target_accounts": Kind(
        ("account", "name", "division", "committee_role", "committee_size"),
        ("account",),
        _target_account,
        same=("account", "division", "committee_role"),
    ),
    "rates": Kind(
        ("currency", "from", "rate"),
        ("currency", "from", "rate"),
        _rate,
        same=("currency", "valid_from"),
    ),
}
