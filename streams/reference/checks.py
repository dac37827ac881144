"""What can only be wrong of lines together: the same said twice, two reporting currencies, two names of one account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from streams.reference import KindName
from streams.reference.cells import Remark
from streams.reference.kinds import KINDS, Values

_AGAIN = {  # column, and what to do, of a line that says the same as another
    "users": ("valid_from", "is this user on some of these days, too; leave one out, or end it by valid_to"),
    "spend": ("channel", "is this channel on some of these days, too; leave one out, or tell them apart by campaign"),
    "targets": ("leads", "promises leads of the same kind on some of these days, too; leave one out"),
    "target_accounts": ("account", "says the same; leave one out, or tell them apart by division or committee_role"),
    "rates": ("from", "has a rate of this currency from the same day; leave one out"),
}


def mistakes_of_all(kind: KindName, rows: Sequence[Values]) -> Iterator[Remark]:
    """`rows` in the order of the files."""
    yield from _overlaps(kind, rows)
    if kind == "rates":
        yield from _one_reporting_currency(rows)
    if kind == "target_accounts":
        yield from _one_word_per_account(rows)


def _overlaps(kind: KindName, rows: Sequence[Values]) -> Iterator[Remark]:
    same, of_one = KINDS[kind].same, defaultdict[Any, list[tuple[date, date, int]]](list)
    for number, row in enumerate(rows):
        of_one[tuple(row[name] for name in same)].append((*_validity(row), number))
    for spans in of_one.values():
        spans.sort()
        _, until, widest = spans[0]
        for first, last, number in spans[1:]:
            if first <= until:
                before, after = sorted((widest, number))
                column, what = _AGAIN[kind]
                yield _remark(rows[after], column, f"{_place(rows[before], rows[after])} {what}")
            if last >= until:
                until, widest = last, number


def _validity(row: Values) -> tuple[date, date]:
    """First and last day; what has no days is as it is always."""
    if "first_day" in row:
        return row["first_day"], row["last_day"]
    if "valid_to" in row:
        return row["valid_from"], row["valid_to"] - timedelta(days=1) if row["valid_to"] else date.max
    return date.min, date.max


def _one_reporting_currency(rows: Sequence[Values]) -> Iterator[Remark]:
    of_one = defaultdict[str, list[Values]](list)
    for row in rows:
        of_one[row["currency"]].append(row)
    always_one = [lines[0] for lines in of_one.values() if all(row["rate"] == 1 for row in lines)]
    if rows and not always_one:
        hint = "add a line with the reporting currency, like EUR,2020-01-01,1"
        yield _remark(rows[0], "rate", f"no currency has the rate 1; {hint}")
    for row in always_one[1:]:
        where = _place(always_one[0], row)
        yield _remark(row, "rate", f"{where} has 1 for another currency; write 1 for the reporting currency alone")


def _one_word_per_account(rows: Sequence[Values]) -> Iterator[Remark]:
    """Name and committee size are the account's, so its lines must not differ."""
    known: dict[tuple[str, str], Values] = {}
    for row in rows:
        for column in ("name", "committee_size"):
            if row[column]:
                first = known.setdefault((row["account"], column), row)
                if first[column] != row[column]:
                    where = _place(first, row)
                    yield _remark(row, column, f"{where} says {first[column]!r}; write the same, or nothing")


def _remark(row: Values, column: str, text: str) -> Remark:
    return Remark(row["file"], row["line"], column, text)


def _place(row: Values, seen_from: Values) -> str:
    return f"line {row['line']}" if row["file"] == seen_from["file"] else f"{row['file']}:{row['line']}"
