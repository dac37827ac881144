"""The whole of a definition as JSON can hold it: what goes without saying, too, durations as text."""

from __future__ import annotations

from datetime import date
from functools import singledispatch
from typing import Any, get_args

from pydantic import BaseModel

from streams.definition import guards
from streams.definition.calendar import Calendar
from streams.definition.duration import Duration, WallMicros, wall_text
from streams.definition.match import When
from streams.definition.model import Definition
from streams.identity.identifiers import IdentityRules

_WALL = get_args(WallMicros)[1]  # by which a field of microseconds is told from another number


def content_of(definition: Definition) -> dict[str, Any]:
    """In the order of the model, and where names are free in that of the file."""
    found: dict[str, Any] = plain(definition)
    return found


@singledispatch
def plain(value: Any) -> Any:
    """A part of a definition, written as a file would write it."""
    return value


@plain.register
def _(part: BaseModel) -> dict[str, Any]:
    return {
        field.alias or name: wall_text(getattr(part, name)) if _WALL in field.metadata else plain(getattr(part, name))
        for name, field in type(part).model_fields.items()
    }


@plain.register
def _(calendar: Calendar) -> dict[str, Any]:
    return calendar.written()


@plain.register
def _(rules: IdentityRules) -> dict[str, Any]:
    return guards.written(rules)


@plain.register
def _(when: When) -> Any:
    return when.spec


@plain.register
def _(duration: Duration) -> str:
    return duration.text


@plain.register
def _(day: date) -> str:
    return day.isoformat()


@plain.register(tuple)
def _(items: tuple[Any, ...]) -> list[Any]:
    return [plain(item) for item in items]


@plain.register(dict)
def _(named: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(item) for name, item in named.items()}
