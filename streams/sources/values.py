"""Text or JSON values to the values of a schema's fields: times, numbers, truth, names, contacts.

Each function raises BadValue with a reason for people; none sees a file or a mapping.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from streams.model import Micros

Precision = Literal["second", "day"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNIX = {"unix_s": 1_000_000, "unix_ms": 1_000, "unix_us": 1}
_TRUTH = dict.fromkeys(("true", "yes", "y", "t", "1"), True) | dict.fromkeys(("false", "no", "n", "f", "0"), False)
_HALF = re.compile(r"[\ud800-\udfff]")
_BEYOND_DAYS = re.compile(r"%[HIMSfpcXsTR]")


class BadValue(Exception):
    """The value cannot become what its field needs."""


def text_of(value: Any) -> str:
    """A JSON or CSV scalar as text; '' for null."""
    if isinstance(value, str):
        if not value.isascii() and _HALF.search(value):
            raise BadValue("half a character (a lone surrogate), which no encoding can write")
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise BadValue(f"a {'list' if isinstance(value, list) else 'nested object'} where one value is wanted")


def slug(text: str) -> str:
    """'Organic  Search' -> 'organic_search'; accents are dropped, what is no letter or digit becomes one underscore."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in parts if not unicodedata.combining(char))
    return re.sub(r"\W+", "_", plain).strip("_")


def number(text: str, decimal: str = ".", thousands: str = "") -> float:
    plain = text.replace(thousands, "") if thousands else text
    plain = plain.replace(decimal, ".") if decimal != "." else plain
    try:
        value = float(plain) if "_" not in plain else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadValue(f"{text!r} is not a number")
    return value


def truth(text: str) -> bool:
    try:
        return _TRUTH[text.lower()]
    except KeyError:
        raise BadValue(f"{text!r} is neither true nor false") from None


def moment(text: str, formats: Sequence[str] = ("iso",), zone: str = "UTC") -> tuple[Micros, Precision]:
    """UTC microseconds and how exact they are, by the first format that fits.

    A format is `iso`, `unix_s`, `unix_ms`, `unix_us` or one of strptime. `zone` counts where the text has no offset;
    a local time that a clock change skips or repeats is read by the offset before the change. A date without a time is
    the midnight that begins it there, with precision `day`.
    """
    for form in formats:
        try:
            if form in _UNIX:
                return _unix(Decimal(text) * _UNIX[form]), "second"
            read, precision = _read(text, form)
            aware = read if read.tzinfo else read.replace(tzinfo=_zone(zone))
            return (aware - _EPOCH) // _MICROSECOND, precision
        except (ValueError, ArithmeticError):  # decimals have their own overflow
            continue
    raise BadValue(f"{text!r} is not a time like {' or '.join(formats)}")


def _unix(micros: Decimal) -> Micros:
    if abs(micros) >= 2**63:
        raise OverflowError
    return int(micros)


def _read(text: str, form: str) -> tuple[datetime, Precision]:
    if form != "iso":
        return datetime.strptime(text, form), "second" if _BEYOND_DAYS.search(form) else "day"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text), "second"
    return datetime(day.year, day.month, day.day), "day"


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def contacts(value: Any) -> list[dict[str, str | None]]:
    """Persons of a deal: 'id:role,id' or a list of {contact_id, role}."""
    if isinstance(value, str):
        value = [dict(zip(("contact_id", "role"), part.split(":", 1), strict=False)) for part in value.split(",")]
    if not isinstance(value, list) or not all(isinstance(person, dict) for person in value):
        raise BadValue("contacts are 'id:role,id:role' or a list of {contact_id, role}")
    people = [(text_of(person.get("contact_id")), text_of(person.get("role"))) for person in value]
    if not all(contact for contact, _ in people):
        raise BadValue("a contact without contact_id")
    return [{"contact_id": contact, "role": role or None} for contact, role in people]
