"""Which schemas there are: the current ones, and every version ever released, in the order of their release.

A name is the schema's path without its ending, e.g. "events/web", "internal/identity", "outputs/leaks", "state/device".
`released/LOG` is append-only, so that a registry that numbers schemas as they come (mock://) numbers them the same in
every process, today's and yesterday's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import fastavro

HERE = Path(__file__).parent
RELEASED = HERE / "released"
LOG = RELEASED / "LOG"
GROUPS = ("events", "internal", "outputs", "state")

Avro = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """One schema of a name; `number` counts the released ones from 1, and is 0 for a current one not yet released."""

    name: str
    number: int
    text: str

    @property
    def schema(self) -> Avro:
        return dict(json.loads(self.text))


def subject(name: str) -> str:
    """The Schema Registry's subject of a schema name; it does not depend on the topic."""
    return "funnelwatch." + name.replace("/", ".")


def names() -> list[str]:
    """Every name that has a current schema."""
    return sorted(f"{group}/{path.stem}" for group in GROUPS for path in (HERE / group).glob("*.avsc"))


@cache
def current(name: str) -> Avro:
    path = HERE / f"{name}.avsc"
    if name not in names():
        raise KeyError(f"no schema {name!r}; there are {', '.join(names())}")
    return dict(json.loads(path.read_text()))


@cache
def released() -> tuple[Version, ...]:
    """All released versions, oldest first."""
    lines = LOG.read_text().split("\n") if LOG.exists() else []
    return tuple(_released(line) for line in lines if line)


def _released(line: str) -> Version:
    name, _, number = line.partition(" v")
    return Version(name, int(number), compact(json.loads((RELEASED / name / f"v{number}.avsc").read_text())))


def versions() -> Iterator[Version]:
    """The released versions, then the current schemas that are not among them yet: the order of registration."""
    last = {version.name: version for version in released()}
    yield from released()
    for name in names():
        if name not in last or last[name].schema != current(name):
            yield Version(name, 0, compact(current(name)))


def compact(schema: Avro) -> str:
    return json.dumps(schema, separators=(",", ":"))


@cache
def parsed(text: str) -> Avro:
    """The schema as fastavro wants it, without logical types: times stay ints (UTC microseconds)."""
    return dict(fastavro.parse_schema(_plain(json.loads(text))))  # type: ignore[arg-type]


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items() if key not in ("logicalType", "doc")}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node
