"""The section `identity` of the definition file: the guards that decide who is the same person."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from streams.definition.duration import parse_duration, wall_text
from streams.definition.mistake import Misplaced
from streams.identity.deal import MOST_EVENTS_OF_A_DEAL
from streams.identity.identifiers import IdentityRules


def _identity_rules(section: object) -> IdentityRules:
    if isinstance(section, IdentityRules):
        return section
    if not isinstance(section, dict):
        raise ValueError("a mapping of guards is needed")
    defaults = IdentityRules()
    names = {field.name for field in fields(IdentityRules)}
    if unknown := sorted(str(name) for name in section if name not in names):
        raise Misplaced((unknown[0],), f"there is no such guard; there are {', '.join(sorted(names))}")
    return IdentityRules(**{name: _guard(name, value, getattr(defaults, name)) for name, value in section.items()})


def _guard(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, frozenset):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Misplaced((name,), "must be a list of texts")
        return frozenset(one.casefold() for one in value)
    if isinstance(value, str) and name == "look_back":
        return parse_duration(value).micros
    if isinstance(value, bool) or not isinstance(value, int) or value < 1 or name == "look_back":
        raise Misplaced((name,), f"{value!r} is no {'duration' if name == 'look_back' else 'whole number above 0'}")
    if name == "events_per_deal" and value > MOST_EVENTS_OF_A_DEAL:
        raise Misplaced(
            (name,), f"{value} is more than {MOST_EVENTS_OF_A_DEAL}, up to which versions of a deal can be told"
        )
    return value


def _schema() -> dict[str, Any]:
    texts = {"type": "array", "items": {"type": "string"}}
    properties: dict[str, Any] = {}
    for field in fields(IdentityRules):
        default: Any = field.default
        properties[field.name] = dict(texts) if isinstance(default, frozenset) else {"type": "integer", "minimum": 1}
    properties["look_back"] = {"x-is": "wall_duration"}
    properties["events_per_deal"]["maximum"] = MOST_EVENTS_OF_A_DEAL
    return {
        "type": "object",
        "description": "Who is the same person: guards against junk. What is left out has the default of the code.",
        "properties": properties,
        "additionalProperties": False,
    }


def written(rules: IdentityRules) -> dict[str, Any]:
    """As a definition file writes it."""
    found: dict[str, Any] = {}
    for field in fields(IdentityRules):
        value = getattr(rules, field.name)
        found[field.name] = sorted(value) if isinstance(value, frozenset) else value
    return {**found, "look_back": wall_text(rules.look_back)}


Guards = Annotated[IdentityRules, PlainValidator(_identity_rules), WithJsonSchema(_schema())]
