"""Samples of every schema, for tests and for people: samples/<name>/*.json, or samples/<name>.json, beside the schemas.

A file is an object, title -> record. Records hold only fields that differ from their defaults; times may be ISO 8601
(UTC), bytes are texts of Latin-1 characters, as in Avro's JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from schemas import catalog
from schemas.catalog import Avro

HERE = catalog.HERE / "samples"
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Sample:
    """`record` is ready for the codec. For events `group` is the event type."""

    name: str
    group: str
    title: str
    record: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.name}/{self.group}: {self.title}"


def samples(name: str | None = None) -> list[Sample]:
    """Of one schema, or of all that have some."""
    return list(_samples(name))


def _samples(name: str | None) -> Iterator[Sample]:
    for one in [name] if name else catalog.names():
        schema = catalog.current(one)
        for path in sorted([*(HERE / one).glob("*.json"), *HERE.glob(f"{one}.json")]):
            for title, record in json.loads(path.read_text()).items():
                yield Sample(one, path.stem, title, _record(schema, record, path))


def _record(schema: Avro, given: dict[str, Any], path: Path) -> dict[str, Any]:
    types = {field["name"]: field["type"] for field in schema["fields"]}
    return {name: _value(types.get(name), value, f"{path}: {name}") for name, value in given.items()}


def _value(kind: Any, value: Any, where: str) -> Any:
    branches = kind if isinstance(kind, list) else [kind]
    if isinstance(value, str) and "bytes" in branches:
        return value.encode("latin-1")
    times = any(isinstance(one, dict) and one.get("logicalType") == "timestamp-micros" for one in branches)
    if isinstance(value, str) and times:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(f"{where}: {value} has no zone")
        return (moment - _EPOCH) // _MICROSECOND
    return value
