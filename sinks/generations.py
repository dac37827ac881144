"""What a generation is made of. Rows of two definitions, clusters or keys in one generation would be a lie."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields

from sinks.client import Client, SinkError


@dataclass(frozen=True, slots=True)
class Binding:
    """All that the rows of a generation depend on, besides the events."""

    cluster: str
    topics: str
    definition_version: str
    key_check: str


WORDS = {
    "cluster": "Kafka cluster",
    "topics": "set of source topics",
    "definition_version": "lead definition",
    "key_check": "FUNNELWATCH_EMAIL_KEY",
}


class GenerationTaken(SinkError):
    """The generation was made of something else; the message says of what, and what to do."""


def bind(client: Client, generation: int, binding: Binding) -> None:
    """Binds a new generation, checks a known one. Raises GenerationTaken."""
    names = [field.name for field in fields(Binding)]
    first = f"SELECT {', '.join(names)} FROM facts.generations WHERE generation = {{g:UInt32}} ORDER BY at LIMIT 1"
    rows = client.query(first, {"g": generation}).result_rows
    if not rows:
        client.insert("facts.generations", [[generation, *astuple(binding)]], column_names=["generation", *names])
        rows = client.query(first, {"g": generation}).result_rows  # another worker may have been first
    known = Binding(*rows[0])
    if known == binding:
        return
    name = next(name for name in names if getattr(known, name) != getattr(binding, name))
    was, now = (f" ({getattr(each, name)})" if name != "key_check" else "" for each in (known, binding))
    raise GenerationTaken(
        f"FUNNELWATCH_GENERATION={generation} was made with another {WORDS[name]}{was} than this{now}: take"
        f" {generation + 1}, which replays beside it, or go back to the former {WORDS[name]}"
    )
