"""Rows of any CSV or NDJSON file to events, as a mapping file declares.

    source: olist
    inputs:
      - files: "*qualified_leads*.csv"
        events:
          - name: lead
            topic: crm
            id: [mql_id]
            fields:
              type: {const: lead_created}
              record_kind: {const: lead}
              record_id: mql_id
              occurred_at: {column: first_contact_date, time: "%Y-%m-%d", zone: Europe/Berlin}
              marketing_source: {column: origin, slug: true}

A file belongs to the first input whose pattern fits its name. A row gives every event whose `when` holds; if one of
them cannot be made, the row is rejected as a whole. Without `id` an event's id is a hash of the row's content and the
event's name, so it depends neither on the file nor on the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from streams.judge import TYPES
from streams.model import Record
from streams.sources.fields import CompiledEvent, FieldRule, Scalar, compile_event
from streams.sources.files import BadRow, Format, Row, SourceError, format_of, read_rows
from streams.sources.shapes import Topic, shape
from streams.sources.values import BadValue
from streams.sources.yaml_lines import DuplicateKey, line_of, load_yaml


class MappingError(Exception):
    """The mapping file is wrong; the text is one line: file, line, path inside it, what is wrong."""


@dataclass(frozen=True, slots=True)
class MappedEvent:
    topic: Topic
    key: bytes
    record: Record
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Rejected:
    file: str
    line: int
    reason: str


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Condition(_Strict):
    """Holds where `column` has a value; or has it not (`absent`), or is as said."""

    column: str = Field(min_length=1)
    equals: Scalar | None = None
    one_of: tuple[Scalar, ...] | None = Field(default=None, alias="in", strict=False)
    absent: bool = False

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        if sum((self.equals is not None, self.one_of is not None, self.absent)) > 1:
            raise ValueError("only one of equals, in, absent")
        return self


class EventRule(_Strict):
    """How a row becomes one event; `fields` are those of the topic's schema."""

    name: str = Field(min_length=1)
    topic: Topic
    when: tuple[Condition, ...] = Field(default=(), strict=False)
    id: tuple[str, ...] = Field(default=(), strict=False)
    fields: dict[str, FieldRule]

    @field_validator("when", mode="before")
    @classmethod
    def _single(cls, value: object) -> object:
        return [value] if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _fits_schema(self) -> EventRule:
        known = shape(self.topic)
        for name, rule in self.fields.items():
            if name not in known:
                raise ValueError(f"{self.topic} events have no field {name!r}")
            if why := rule.unfit(known[name]):
                raise ValueError(f"{name}: {why}")
        kind = self.fields.get("type")
        if kind is not None and kind.const is not None and kind.const not in TYPES[self.topic]:
            raise ValueError(
                f"type: {kind.const!r} is none of the {self.topic} types: {', '.join(sorted(TYPES[self.topic]))}"
            )
        given = {*self.fields, "source", "event_id"}
        if missing := [field.name for field in known.values() if field.required and field.name not in given]:
            raise ValueError(f"{self.topic} events need {', '.join(missing)}")
        if self.topic == "form" and not given & {"anonymous_id", "email"}:
            raise ValueError("form events need anonymous_id or email: one of them is the key")
        return self


class InputRule(_Strict):
    """One kind of file: which names (shell pattern, without folders), how to read it, which events a row gives."""

    files: str = Field(min_length=1)
    format: Format | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str = "utf-8"
    empty: tuple[str, ...] = Field(default=(), strict=False)  # texts that mean "no value", such as NULL
    events: tuple[EventRule, ...] = Field(min_length=1, strict=False)

    @model_validator(mode="after")
    def _names_differ(self) -> InputRule:
        names = [event.name for event in self.events]
        if len(set(names)) < len(names):
            raise ValueError("two events have the same name")
        return self


class Mapping(_Strict):
    source: str = Field(min_length=1)
    inputs: tuple[InputRule, ...] = Field(min_length=1, strict=False)

    def input_for(self, path: Path) -> InputRule | None:
        return next((rule for rule in self.inputs if fnmatchcase(path.name, rule.files)), None)


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file. Raises MappingError."""
    try:
        tree, value = load_yaml(path.read_text("utf-8"))
        return Mapping.model_validate(value)
    except OSError as error:
        raise MappingError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MappingError(f"{path}: not UTF-8") from None
    except DuplicateKey as error:
        raise MappingError(f"{path}: line {error.line}: {error.key!r} stands twice") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise MappingError(f"{path}: {where}{getattr(error, 'problem', None) or error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        line, place = line_of(tree, first["loc"])
        why = first["msg"].removeprefix("Value error, ")
        raise MappingError(f"{path}: line {line}: {f'{place}: ' if place else ''}{why}") from None


def events(mapping: Mapping, path: Path) -> Iterator[MappedEvent | Rejected]:
    """Yield what the rows of one file give, in order; deterministic.

    Raises SourceError when the file cannot be used at all: no input names it, it cannot be read, or it is a CSV file
    that lacks a column the mapping reads.
    """
    rule = mapping.input_for(path)
    if rule is None:
        raise SourceError(f"{path}: no input of the mapping fits this name")
    compiled = [_compiled(mapping, event, rule) for event in rule.events]
    wanted = sorted(frozenset[str]().union(*(event.columns for event in compiled)))
    checked = (rule.format or format_of(path)) == "ndjson"
    for line, row in read_rows(path, format=rule.format, delimiter=rule.delimiter, encoding=rule.encoding):
        if isinstance(row, BadRow):
            yield Rejected(path.name, line, row.reason)
            continue
        if not checked:
            checked = True
            _check_columns(path, wanted, row)
        try:
            made = [
                MappedEvent(event.topic, event.key(record), record, line)
                for event in compiled
                if (record := event.record(row)) is not None
            ]
        except BadValue as error:
            yield Rejected(path.name, line, str(error))
        else:
            yield from made


def _compiled(mapping: Mapping, event: EventRule, rule: InputRule) -> CompiledEvent:
    tests = [(test.column, test.equals, test.one_of, test.absent) for test in event.when]
    return compile_event(mapping.source, event.name, event.topic, event.fields, event.id, tests, rule.empty)


def _check_columns(path: Path, wanted: list[str], row: Row) -> None:
    missing = [column for column in wanted if column not in row]
    if missing:
        raise SourceError(f"{path}: line 1: no column {missing[0]!r}, which the mapping reads")
