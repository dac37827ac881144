"""Cells to numbers, currencies and days. Each function raises BadValue, which says what to write instead."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from streams.sources.values import BadValue

YEARS = range(1970, 2100)  # ClickHouse's Date begins there, and a year beyond is a slip
_DIGITS = 15  # more than any money; a double holds them exactly
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2009\u202f'’"), " ")  # between thousands, as France and Switzerland write
_PLAIN = re.compile(r"[0-9]+")
_BLANKED = re.compile(r"([0-9]{1,3}(?: [0-9]{3})+)(?:[.,]([0-9]+))?")
_BOTH = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+)\.([0-9]+)|([0-9]{1,3}(?:\.[0-9]{3})+),([0-9]+)")
_THOUSANDS = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}(?:\1[0-9]{3})+")
_ONE_MARK = re.compile(r"([0-9]+)([.,])([0-9]+)")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DOTTED_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_QUARTER = re.compile(r"([0-9]{4})[- ]?Q([1-4])", re.IGNORECASE)
_CURRENCY = re.compile(r"[A-Z]{3}")
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY or CNY", "$": "USD, or whose dollar it is"}


class Period(NamedTuple):
    """Days, both of them in it."""

    first: date
    last: date


class _Read(NamedTuple):
    number: float
    thousands: float | None = None  # what it is as well, if its mark parts thousands
    mark: str = ""


def money(text: str) -> float:
    """0 or more, with either decimal mark; what may be thousands as well is refused."""
    read = _number(text)
    if read.thousands is not None:
        raise BadValue(_two_ways(text, read))
    return read.number


def rate(text: str, mark: str) -> float:
    """More than 0. A single `mark`, which is the file's decimal mark, is one; '' if the file has none for certain."""
    read = _number(text)
    if read.thousands is not None and read.mark != mark:
        raise BadValue(_two_ways(text, read))
    if read.number == 0:
        raise BadValue(f"{text!r} is no rate; write how much of the reporting currency one unit is worth")
    return read.number


def whole(text: str) -> int:
    """1 or more, below a thousand million."""
    read = _number(text)
    number = read.number if read.thousands is None else read.thousands
    if number != int(number) or not 1 <= number < 10**9:
        raise BadValue(f"{text!r} is no count; write a whole number from 1 to 999999999")
    return int(number)


def currency(text: str) -> str:
    if _CURRENCY.fullmatch(text):
        return text
    meant = text.upper() if _CURRENCY.fullmatch(text.upper()) else _SIGNS.get(text, "three capital letters, like EUR")
    raise BadValue(f"{text!r} is no currency by ISO 4217; write {meant}")


def day(text: str) -> date:
    """2026-03-31 or 31.03.2026."""
    if found := _ISO_DAY.fullmatch(text):
        year, month, number = map(int, found.groups())
    elif found := _DOTTED_DAY.fullmatch(text):
        number, month, year = map(int, found.groups())
    else:
        raise BadValue(f"{text!r} is no day; write it like 2026-03-31")
    _check(text, year)
    try:
        return date(year, month, number)
    except ValueError:
        raise BadValue(f"{text!r}: there is no such day; write it like 2026-03-31") from None


def month(text: str) -> Period:
    found = _MONTH.fullmatch(text)
    if not found or not 1 <= int(found[2]) <= 12:
        raise BadValue(f"{text!r} is no month; write it like 2026-03")
    return _months(text, int(found[1]), int(found[2]), int(found[2]))


def months_between(first: date, last: date) -> Iterator[date]:
    """The first days of the months that have days from `first` to `last`."""
    each = first.replace(day=1)
    while each <= last:
        yield each
        each = (each + timedelta(days=31)).replace(day=1)


def quarter(text: str) -> Period:
    found = _QUARTER.fullmatch(text)
    if not found:
        raise BadValue(f"{text!r} is no quarter; write it like 2026-Q1")
    last = 3 * int(found[2])
    return _months(text, int(found[1]), last - 2, last)


def _months(text: str, year: int, first: int, last: int) -> Period:
    _check(text, year)
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def _check(text: str, year: int) -> None:
    if year not in YEARS:
        raise BadValue(f"{text!r}: write a year from {YEARS[0]} to {YEARS[-1]}")


def _number(text: str) -> _Read:
    plain = text.translate(_BLANKS)
    if sum(map(str.isdigit, plain)) > _DIGITS:
        raise BadValue(f"{text!r} has more than {_DIGITS} digits; write fewer")
    if _PLAIN.fullmatch(plain):
        return _Read(float(plain))
    if found := _BLANKED.fullmatch(plain):
        return _Read(float(f"{found[1].replace(' ', '')}.{found[2] or 0}"))
    if found := _BOTH.fullmatch(plain):
        groups, decimals = (found[1], found[2]) if found[1] else (found[3], found[4])
        return _Read(float(f"{re.sub('[.,]', '', groups)}.{decimals}"))
    if _THOUSANDS.fullmatch(plain):
        return _Read(float(re.sub("[.,]", "", plain)))
    if found := _ONE_MARK.fullmatch(plain):
        before, mark, after = found.groups()
        thousands = len(after) == 3 and len(before) <= 3 and not before.startswith("0")
        return _Read(float(f"{before}.{after}"), float(before + after) if thousands else None, mark)
    if plain.startswith("-"):
        raise BadValue(f"{text!r} is below 0; write a number from 0")
    raise BadValue(f"{text!r} is no number; write it like 1234.50, without currency or other signs")


def _two_ways(text: str, read: _Read) -> str:
    whole, (before, after) = f"{read.thousands:.0f}", text.split(read.mark)
    return f"{text!r} may be {whole} or {before}.{after}; write {whole}.00 or {before}.{after}0"
