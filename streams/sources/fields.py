"""One rule per field: where its value comes from in a row, and the event that a row's fields make."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from streams.model import Record
from streams.sources.files import Row
from streams.sources.shapes import FieldShape, Topic, shape
from streams.sources.values import BadValue, Precision, contacts, moment, number, slug, text_of, truth

Scalar = str | int | float | bool
Test = tuple[str, Scalar | None, Sequence[Scalar] | None, bool]  # column, equals, in, absent

_NAMES = re.compile(r"\{([^{}]+)\}")
_KEYS: dict[Topic, tuple[str, ...]] = {
    "web": ("anonymous_id",),
    "form": ("anonymous_id", "email"),
    "crm": ("record_id",),
}


class NumberFormat(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    decimal: str = Field(default=".", min_length=1, max_length=1)
    thousands: str = Field(default="", max_length=1)


class FieldRule(BaseModel):
    """A value from exactly one of `column`, `const`, `template`; a bare string in the file is a column.

    In this order: `if_empty` stands in where the row has no value, `map` replaces texts (one it does not have becomes
    `default`, or rejects the row where no default is given; null is "no value"), `slug` makes a name of it, and the
    text is read as the schema's type, with `time`, `zone` and `number` saying how. A template with a column that has
    no value has none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    column: str | None = Field(default=None, min_length=1)
    const: Scalar | None = None
    template: str | None = None
    map: dict[str, Scalar | None] | None = None
    default: Scalar | None = None
    if_empty: Scalar | None = None
    slug: bool = False
    time: tuple[str, ...] = Field(default=("iso",), min_length=1, strict=False)
    zone: str = "UTC"
    number: NumberFormat = NumberFormat()

    @model_validator(mode="before")
    @classmethod
    def _bare_column(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str) else value

    @field_validator("time", mode="before")
    @classmethod
    def _single_format(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):  # a folder of the zone database is an OSError
            raise ValueError(f"unknown time zone {value!r}") from None
        return value

    @model_validator(mode="after")
    def _one_origin(self) -> FieldRule:
        if sum(origin is not None for origin in (self.column, self.const, self.template)) != 1:
            raise ValueError("exactly one of column, const, template")
        if "default" in self.model_fields_set and self.map is None:
            raise ValueError("default goes with map; where the column is empty, say if_empty")
        return self

    def columns(self) -> list[str]:
        return _NAMES.findall(self.template) if self.template is not None else [self.column] if self.column else []

    def unfit(self, field: FieldShape) -> str | None:
        """Why this rule can never give the field a value; None when it can."""
        timed = {"time", "zone"} & self.model_fields_set
        if timed and field.kind != "time":
            return f"{sorted(timed)[0]} on a field that is no time"
        if "number" in self.model_fields_set and field.kind != "number":
            return "number on a field that is no number"
        constants = [self.const, self.default, self.if_empty, *(self.map or {}).values()]
        try:
            for constant in constants:
                if constant is not None:
                    self._typed(text_of(constant), field)
        except BadValue as error:
            return str(error)
        return None

    def reader(self, field: FieldShape, empty: frozenset[str]) -> Callable[[Row], Any]:
        """row -> the field's value, None where there is none; a time is a pair with its precision."""
        if self.const is not None:
            constant = self._typed(text_of(self.const), field)
            return lambda _row: constant
        where = f"column {self.column!r}" if self.column else f"template {self.template!r}"

        def read(row: Row) -> Any:
            try:
                if field.kind == "contacts" and self.column and isinstance(value := column_of(row, self.column), list):
                    return contacts(value)
                text = self._text(row, empty)
                return self._typed(text, field) if text else None
            except BadValue as error:
                raise BadValue(f"{field.name}: {where}: {error}") from None

        return read

    def _text(self, row: Row, empty: frozenset[str]) -> str:
        if self.template is None:
            text = value_of(row, self.column or "", empty)
        else:
            parts = {name: value_of(row, name, empty) for name in self.columns()}
            text = _NAMES.sub(lambda match: parts[match[1]], self.template) if all(parts.values()) else ""
        if not text:
            return text_of(self.if_empty)
        if self.map is not None:
            if text in self.map:
                text = text_of(self.map[text])
            elif "default" in self.model_fields_set:
                text = text_of(self.default)
            else:
                raise BadValue(f"{text!r} is not in the map and there is no default")
        return slug(text) if self.slug else text

    def _typed(self, text: str, field: FieldShape) -> Any:
        match field.kind:
            case "string":
                return text
            case "number":
                return number(text, self.number.decimal, self.number.thousands)
            case "boolean":
                return truth(text)
            case "time":
                return moment(text, self.time, self.zone)
            case "contacts":
                return contacts(text)
            case "enum":
                if text not in field.symbols:
                    raise BadValue(f"{text!r} is none of {', '.join(field.symbols)}")
                return text


@dataclass(frozen=True, slots=True)
class CompiledEvent:
    topic: Topic
    columns: frozenset[str]
    record: Callable[[Row], Record | None]  # None: a condition does not hold

    def key(self, record: Record) -> bytes:
        return next(str(record[name]) for name in _KEYS[self.topic] if record.get(name)).encode()


def column_of(row: Row, column: str) -> Any:
    """The raw value; 'a.b' reaches into nested JSON objects unless a column has that very name."""
    if column in row or "." not in column:
        return row.get(column)
    value: Any = row
    for part in column.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def value_of(row: Row, column: str, empty: frozenset[str]) -> str:
    text = text_of(column_of(row, column))
    return "" if text in empty else text


def compile_event(
    source: str,
    name: str,
    topic: Topic,
    fields: dict[str, FieldRule],
    id_columns: Sequence[str],
    tests: Iterable[Test],
    empty: Iterable[str],
) -> CompiledEvent:
    known = shape(topic)
    blank = frozenset(empty)
    readers = [(field, rule.reader(known[field], blank)) for field, rule in fields.items()]
    conditions = [(column, _condition(equals, among, absent)) for column, equals, among, absent in tests]
    columns = {column for column, _ in conditions}.union(id_columns, *(rule.columns() for rule in fields.values()))
    required = [field.name for field in known.values() if field.required]

    def record(row: Row) -> Record | None:
        if not all(holds(value_of(row, column, blank)) for column, holds in conditions):
            return None
        made: Record = {"source": source}
        precision: Precision | None = None
        for field, read in readers:
            value = read(row)
            if value is None:
                continue
            if isinstance(value, tuple):
                value, exactness = value
                precision = exactness if field == "occurred_at" else precision
            made[field] = value
        if precision is not None:
            made.setdefault("time_precision", precision)
        for field in required:
            if made.get(field) in (None, ""):
                raise BadValue(f"{name}: {field} has no value")
        if not any(made.get(field) for field in _KEYS[topic]):
            raise BadValue(f"{name}: neither {' nor '.join(_KEYS[topic])} has a value")
        if "event_id" not in made:
            made["event_id"] = _event_id(name, row, id_columns, blank)
        return made

    return CompiledEvent(topic, frozenset(columns), record)


def _condition(equals: Scalar | None, among: Sequence[Scalar] | None, absent: bool) -> Callable[[str], bool]:
    if absent:
        return lambda text: not text
    if equals is not None:
        return text_of(equals).__eq__
    if among is not None:
        return frozenset(map(text_of, among)).__contains__
    return bool


def _event_id(name: str, row: Row, columns: Sequence[str], empty: frozenset[str]) -> str:
    if not columns:
        content = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return blake2b(f"{name}\n{content}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    values = [value_of(row, column, empty) for column in columns]
    if not all(values):
        raise BadValue(f"{name}: id: column {columns[values.index('')]!r} has no value")
    return ":".join((name, *values))
