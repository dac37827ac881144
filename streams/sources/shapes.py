"""What the event schemas say about their fields, as far as a mapping must know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Topic = Literal["web", "form", "crm"]
Kind = Literal["string", "number", "boolean", "time", "enum", "contacts"]


@dataclass(frozen=True, slots=True)
class FieldShape:
    name: str
    kind: Kind
    required: bool
    symbols: tuple[str, ...] = ()


@cache
def shape(topic: Topic) -> dict[str, FieldShape]:
    """The fields of schemas/events/<topic>.avsc by name."""
    schema = json.loads((files("schemas") / "events" / f"{topic}.avsc").read_text("utf-8"))
    return {field["name"]: _field(field) for field in schema["fields"]}


def _field(field: dict[str, Any]) -> FieldShape:
    kind: Any = field["type"]
    if isinstance(kind, list):
        kind = next(option for option in kind if option != "null")
    required = "default" not in field
    if isinstance(kind, str):
        simple: dict[str, Kind] = {"string": "string", "double": "number", "boolean": "boolean"}
        return FieldShape(field["name"], simple[kind], required)
    if kind["type"] == "enum":
        return FieldShape(field["name"], "enum", required, tuple(kind["symbols"]))
    if kind["type"] == "array":
        return FieldShape(field["name"], "contacts", required)
    return FieldShape(field["name"], "time", required)
