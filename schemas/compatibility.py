"""May a current schema replace the released ones? It may if it reads whatever any of them has written."""

from __future__ import annotations

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse

from schemas import catalog


def problems(name: str) -> list[str]:
    """One line per released version of the name that the current schema cannot read (BACKWARD_TRANSITIVE)."""
    reader = catalog.compact(catalog.current(name))
    found = ((old, unreadable(reader, old.text)) for old in catalog.released() if old.name == name)
    return [f"{name} cannot read its released version {old.number}: {why}" for old, why in found if why]


def unreadable(reader: str, writer: str) -> str:
    """Why `reader` (a schema's text) cannot read what `writer` wrote; empty if it can."""
    result = ReaderWriterCompatibilityChecker().get_compatibility(parse(reader), parse(writer))  # type: ignore[no-untyped-call]
    if result.compatibility is SchemaCompatibilityType.compatible:
        return ""
    return "; ".join(f"{message} at {place}" for message, place in zip(result.messages, result.locations, strict=False))
