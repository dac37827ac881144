"""The JSON Schema of a definition file, for editors: streams/definition.schema.json.

It is the model's own. What the model reads by functions of its own says `x-is`, and has its shape here.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from streams.definition.duration import AT_ONCE, wall_text
from streams.definition.match import DERIVED_FIELDS, known_fields
from streams.definition.model import Definition
from streams.judge import TYPES

Schema = dict[str, Any]
_NUMBER = r"^\s*\d+(\.\d+)?\s*"
_WALL = r"(second|min|minute|hour|day|week|month|year)s?"
_BUSINESS = r"business\s+(min|minute|hour|day)s?"
_SHAPES: dict[str, Schema] = {
    "wall_duration": {
        "type": "string",
        "description": "A length of time.",
        "pattern": rf"{_NUMBER}{_WALL}\s*$",
        "examples": ["15 min", "24 hours", "30 days", "24 months"],
    },
    "duration": {
        "type": "string",
        "description": "A length of time, on the clock of the wall or of office hours.",
        "pattern": rf"{_NUMBER}({_BUSINESS}|{_WALL})\s*$|^{AT_ONCE}$",
        "examples": ["15 min", "7 days", "30 business minutes", "2 business days", AT_ONCE],
    },
    "value": {"type": ["string", "number", "boolean"]},
    "values": {
        "anyOf": [{"x-is": "value"}, {"type": "array", "items": {"x-is": "value"}}],
        "description": "One value, or a list of which one suffices; text without regard to case.",
    },
    "texts": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    "test": {
        "description": "A value, a list of values, present, absent, or not, besides, starts, contains, min or max.",
        "examples": ["present", "absent", {"besides": ["other"]}, {"min": 1}],
        "anyOf": [
            {"x-is": "values"},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": {
                    "not": {"x-is": "values", "description": "none of these, or nothing at all"},
                    "besides": {"x-is": "values", "description": "is there, and none of these"},
                    "starts": {"x-is": "texts", "description": "begins with one of these"},
                    "contains": {"x-is": "texts", "description": "one of these is in it"},
                    "min": {"type": "number", "description": "at least"},
                    "max": {"type": "number", "description": "at most"},
                },
            },
        ],
    },
    "condition": {
        "description": "Fields of an event and their tests, all of which must pass; of a list one must hold.",
        "examples": [{"type": "form_submitted", "form_kind": ["demo_request", "contact"]}],
        "anyOf": [{"x-is": "fields"}, {"type": "array", "minItems": 1, "items": {"x-is": "fields"}}],
    },
}
_STAGES = "stages by name; or later (in the line), aside"
_WORDS: dict[str, dict[str, str]] = {  # of entries whose names do not say it all
    "Clause": {
        "enters": f"The lead enters one of these {_STAGES}.",
        "does": "A moment happens.",
        "next": "A moment happens again, after the one that opened it.",
        "done": "A moment has happened `times` times in this cycle, be it before the opening.",
        "when": "A condition on the event that entered the stage.",
        "has": "It is so, or comes to be so.",
        "note": "Shown beside what met it.",
    },
    "Obligation": {
        "owed_by": "Whose leak it is.",
        "of": "deal: every deal on its own.",
        "rolling": "It opens anew each time it is met, and stays out of combined rates.",
        "opened_by": "From then on it is owed.",
        "and": "It is owed only once all of these hold as well.",
        "unless": "It is not owed if this happened before in the same cycle.",
        "met_by": "Any of these; entering a later stage always meets what a stage opened.",
        "lost_by": "Ends it unmet: whoever owed it did not do it.",
        "void_by": "Ends it without blame.",
        "due": "How long from opening; of several lines the first whose `when` holds.",
        "warn": "When it is about to leak: a fraction of the time to due (0.75), or a time of its own.",
    },
    "Definition": {
        "statuses": "Values of the CRM's status field, and the stage that each stands for.",
        "claims": "What people write into source fields, as one of the channels.",
        "direct": "The channels that are evidence of nothing.",
        "own_sites": "Our own hosts: a referrer below them is a click inside.",
        "calendar": "Of a lead whose region has none.",
        "owner_calendars": "Salesperson and calendar, where they do not work in the hours of their leads' region.",
        "voids": "What ends every open obligation without blame.",
        "moments": "What happens, by name.",
    },
}


def schema() -> Schema:
    """JSON Schema, draft 2020-12."""
    found = Definition.model_json_schema(by_alias=True)
    definitions: Schema = found.pop("$defs")
    _loosen(definitions["Obligation"]["properties"])
    for name, words in _WORDS.items():
        properties = (found if name == "Definition" else definitions[name])["properties"]
        for entry, text in words.items():
            properties.get(entry, {}).setdefault("description", text)
    definitions |= {**_SHAPES, "fields": _fields()}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lead definition of funnelwatch",
        **{name: value for name, value in found.items() if name != "title"},
        "$defs": dict(sorted(definitions.items())),
    }
    resolved: Schema = _resolved(whole)
    return resolved


def schema_text() -> str:
    """As the file has it."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _loosen(obligation: Schema) -> None:
    """What an author may write shorter than the model holds it."""
    due = obligation["due"]
    lines = {name: due.pop(name) for name in ("items", "minItems", "type") if name in due}
    due["anyOf"] = [{"x-is": "duration"}, lines]
    opened_by = obligation["opened_by"]
    clauses = {name: opened_by.pop(name) for name in ("items", "minItems", "type") if name in opened_by}
    opened_by["anyOf"] = [clauses["items"], clauses]
    warn = obligation["warn"]
    warn["anyOf"] = [{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, {"x-is": "duration"}]


def _fields() -> Schema:
    """The fields that a condition may name."""
    types = sorted({"session", *TYPES["form"], *TYPES["crm"]})
    said = {**_documented(), **DERIVED_FIELDS, "type": f"type of the event: {', '.join(types)}"}
    properties = {
        name: {"x-is": "test", **({"description": said[name]} if said.get(name) else {})}
        for name in sorted(known_fields())
    }
    return {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": properties}


def _documented() -> dict[str, str]:
    found: dict[str, str] = {}
    for topic in TYPES:
        declared = json.loads(files("schemas").joinpath("events", f"{topic}.avsc").read_text(encoding="utf-8"))
        found |= {field["name"]: field["doc"] for field in declared["fields"] if field.get("doc")}
    return found


def _resolved(node: Any) -> Any:
    """With references in the place of `x-is`, defaults as a file has them, and no titles that only repeat names."""
    if isinstance(node, list):
        return [_resolved(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {name: _resolved(value) for name, value in node.items() if name != "x-is"}
    if isinstance(found.get("title"), str) and "$schema" not in found:
        del found["title"]
    default = found.get("default")
    if isinstance(default, dict):  # of a whole section: those of its entries say it
        del found["default"]
    elif isinstance(default, int) and node.get("x-is") == "wall_duration":
        found["default"] = wall_text(default)
    return {"$ref": f"#/$defs/{node['x-is']}", **found} if "x-is" in node else found
