"""As much of JSON Schema as the schema of definitions uses; any other keyword is a mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
_ABOUT = {"$schema", "$defs", "title", "description", "default", "examples", "format"}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def violations(value: Any, schema: Schema, root: Schema, path: str = "") -> Iterator[str]:
    """Where `value` is not as `schema` says, and which keyword says so."""
    for keyword, said in schema.items():
        if keyword in _ABOUT or (keyword in ("additionalProperties", "required") and not isinstance(value, dict)):
            continue
        inner: list[str] = []
        if not _KEYWORDS[keyword](value, said, schema, root, path, inner):
            yield f"{path}: {keyword}"
        yield from inner


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _type(value: Any, said: Any, *_: Any) -> bool:
    return any(_is(value, kind) for kind in ([said] if isinstance(said, str) else said))


def _ref(value: Any, said: str, schema: Schema, root: Schema, path: str, inner: list[str]) -> bool:
    inner += violations(value, root["$defs"][said.removeprefix("#/$defs/")], root, path)
    return True


def _any_of(value: Any, said: list[Schema], schema: Schema, root: Schema, path: str, inner: list[str]) -> bool:
    return any(not list(violations(value, one, root, path)) for one in said)


def _properties(value: Any, said: Schema, schema: Schema, root: Schema, path: str, inner: list[str]) -> bool:
    for name, one in said.items():
        if isinstance(value, dict) and name in value:
            inner += violations(value[name], one, root, f"{path}.{name}")
    return True


def _additional(value: Any, said: Any, schema: Schema, root: Schema, path: str, inner: list[str]) -> bool:
    others = [name for name in value if name not in schema.get("properties", {})]
    if said is False:
        return not others
    for name in others:
        inner += violations(value[name], said, root, f"{path}.{name}")
    return True


def _items(value: Any, said: Schema, schema: Schema, root: Schema, path: str, inner: list[str]) -> bool:
    for place, one in enumerate(value if isinstance(value, list) else ()):
        inner += violations(one, said, root, f"{path}[{place}]")
    return True


def _names(value: Any, said: Schema, schema: Schema, root: Schema, path: str, inner: list[str]) -> bool:
    for name in value if isinstance(value, dict) else ():
        inner += violations(name, said, root, f"{path}.{name}")
    return True


def _number(value: Any) -> bool:
    return _is(value, "number")


_KEYWORDS: dict[str, Any] = {
    "type": _type,
    "$ref": _ref,
    "anyOf": _any_of,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "propertyNames": _names,
    "required": lambda value, said, *_: set(said) <= set(value),
    "enum": lambda value, said, *_: value in said,
    "const": lambda value, said, *_: value == said,
    "pattern": lambda value, said, *_: not isinstance(value, str) or re.search(said, value) is not None,
    "minItems": lambda value, said, *_: not isinstance(value, list) or len(value) >= said,
    "minProperties": lambda value, said, *_: not isinstance(value, dict) or len(value) >= said,
    "maxProperties": lambda value, said, *_: not isinstance(value, dict) or len(value) <= said,
    "minimum": lambda value, said, *_: not _number(value) or value >= said,
    "maximum": lambda value, said, *_: not _number(value) or value <= said,
    "exclusiveMinimum": lambda value, said, *_: not _number(value) or value > said,
    "exclusiveMaximum": lambda value, said, *_: not _number(value) or value < said,
}
