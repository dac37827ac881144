"""Everything that real topics hold and should not: each kind of message, for each source, with the reason it is refused
for; None: it is strange, and an event like any other."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from schemas import catalog
from schemas.codec import Codec, subject
from streams.judge import FUTURE_TOLERANCE, LARGEST_VALUE, LONGEST_ID
from streams.model import DAY, Record
from tests.support.schema_registry import FIRST_ID, SchemaRegistry

AT = 1_700_000_000_000_000
SOURCES = ("web", "form", "crm")
_OTHER = {"web": "form", "form": "crm", "crm": "web"}
_NEEDED = {"web": "anonymous_id", "form": "form_kind", "crm": "record_id"}
_TEXT = {"web": "url", "form": "company", "crm": "company"}
MB = 1024 * 1024


class Sent(NamedTuple):
    """timestamp_ms 0: now."""

    value: bytes | None
    key: bytes | None = b"k"
    timestamp_ms: int = 0


class Malformed:
    """Makes them; `codec` and `registry` as the worker has them."""

    def __init__(self, codec: Codec, registry: SchemaRegistry) -> None:
        self._codec, self._registry = codec, registry

    def event(self, source: str, name: str, **more: Any) -> Record:
        """A good one; its device, address or record is called `name`."""
        base = {"event_id": name, "source": "test", "occurred_at": AT}
        own: dict[str, Record] = {
            "web": {"type": "page_view", "anonymous_id": name, "session_id": "s"},
            "form": {"type": "form_submitted", "email": f"{name}@acme.example", "form_kind": "contact"},
            "crm": {"type": "lead_created", "record_kind": "lead", "record_id": name},
        }
        return base | own[source] | more

    def encoded(self, source: str, name: str, **more: Any) -> bytes:
        return self._codec.encode(f"events/{source}", self.event(source, name, **more))

    def under(self, schema: Any, body: bytes) -> bytes:
        """The body as if that schema, which the registry knows, had written it."""
        text = schema if isinstance(schema, str) else catalog.compact(schema)
        self._registry.schemas.append((subject("test"), text))
        return b"\x00" + (FIRST_ID + len(self._registry.schemas) - 1).to_bytes(4, "big") + body

    def retyped(self, source: str, field: str, kind: Any, content: Any) -> bytes:
        """Written by our schema, but for the type of one field."""
        import io

        import fastavro

        schema = catalog.current(f"events/{source}")
        fields = [{"name": each["name"], "type": kind} if each["name"] == field else each for each in schema["fields"]]
        changed = schema | {"fields": fields}
        out = io.BytesIO()
        written = catalog.parsed(catalog.compact(changed))
        fastavro.schemaless_writer(out, written, self.event(source, "retyped") | {field: content})
        return self.under(changed, out.getvalue())

    def without(self, source: str, field: str) -> bytes:
        schema = catalog.current(f"events/{source}")
        fields = [each for each in schema["fields"] if each["name"] != field]
        return self.under(schema | {"fields": fields}, bytes(60))

    def with_text(self, source: str, text: bytes) -> bytes:
        """An event with these bytes in a text."""
        return self.encoded(source, f"text-{source}", **{_TEXT[source]: "T" * len(text)}).replace(
            b"T" * len(text), text
        )

    def of_size(self, source: str, size: int) -> bytes:
        empty = len(self.encoded(source, f"size-{source}", **{_TEXT[source]: "x" * 20_000})) - 20_000
        return self.encoded(source, f"size-{source}", **{_TEXT[source]: "x" * (size - empty)})


Make = Callable[[Malformed, str], Sent]


def _bytes(value: bytes | None) -> Make:
    return lambda _, __: Sent(value)


def _event(**more: Any) -> Make:
    return lambda made, source: Sent(made.encoded(source, f"strange-{source}", **more))


def _named(name: str) -> Make:
    """A device, a form's device without an address, or a record of this name."""

    def make(made: Malformed, source: str) -> Sent:
        own: dict[str, Record] = {
            "web": {"anonymous_id": name},
            "form": {"anonymous_id": name, "email": None},
            "crm": {"record_id": name},
        }
        return Sent(made.encoded(source, "named", **own[source]))

    return make


def _appended(micros: int, **more: Any) -> Make:
    """A record that reached Kafka then."""
    return lambda made, source: Sent(made.encoded(source, f"then-{source}", **more), timestamp_ms=micros // 1000)


KINDS: dict[str, tuple[Make, str | None]] = {
    "a tombstone": (_bytes(None), "empty_value"),
    "no bytes": (_bytes(b""), "empty_value"),
    "text": (_bytes(b"garbage"), "not_avro"),
    "JSON": (lambda made, source: Sent(json.dumps(made.event(source, "json")).encode()), "not_avro"),
    "a header's beginning": (_bytes(b"\x00\x00\x00"), "not_avro"),
    "a header and nothing": (lambda made, source: Sent(made.encoded(source, "x")[:5]), "not_avro"),
    "cut Avro": (lambda made, source: Sent(made.encoded(source, "x")[:-1]), "not_avro"),
    "bytes left over": (lambda made, source: Sent(made.encoded(source, "x") + b"\x00"), "not_avro"),
    "text that is no UTF-8": (lambda made, source: Sent(made.with_text(source, b"\xff\xfe\x80")), "not_avro"),
    "a lone surrogate": (lambda made, source: Sent(made.with_text(source, b"\xed\xa0\xbd")), "not_avro"),
    "a text of 2^62 bytes": (
        lambda made, source: Sent(made.encoded(source, "x")[:5] + b"\x00\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        "not_avro",
    ),
    "a schema that nobody registered": (_bytes(b"\x00\x7f\xff\xff\xff" + bytes(20)), "unknown_schema"),
    "another topic's": (lambda made, source: Sent(made.encoded(_OTHER[source], "x")), "wrong_schema"),
    "one of ours": (
        lambda made, _: Sent(
            made._codec.encode(
                "internal/rekey", {"topic": "t", "partition": 0, "offset": 0, "appended_at": 0, "value": b""}
            )
        ),
        "wrong_schema",
    ),
    "a stranger's": (
        lambda made, _: Sent(made.under({"type": "record", "name": "acme.Order", "fields": []}, b"")),
        "wrong_schema",
    ),
    "no record, of our name": (
        lambda made, source: Sent(
            made.under(
                {"type": "fixed", "name": catalog.current(f"events/{source}")["name"], "namespace": "funnelwatch"}
                | {"size": 4},
                b"abcd",
            )
        ),
        "wrong_schema",
    ),
    "no Avro schema": (lambda made, _: Sent(made.under("syntax = 'proto3';", b"\x00")), "wrong_schema"),
    "a time as text": (
        lambda made, source: Sent(made.retyped(source, "occurred_at", "string", "yesterday")),
        "wrong_schema",
    ),
    "a writer without a field": (lambda made, source: Sent(made.without(source, _NEEDED[source])), "missing_field"),
    "a writer that left a needed field out": (
        lambda made, source: Sent(made.retyped(source, "source", ["null", "string"], None)),
        "missing_field",
    ),
    "no type": (_event(type=""), "unknown_type"),
    "a type of another day": (_event(type="teleported"), "unknown_type"),
    "seconds": (_event(occurred_at=AT // 1_000_000), "impossible_time"),
    "nanoseconds": (_event(occurred_at=AT * 1000), "impossible_time"),
    "the last of all times": (_event(occurred_at=2**63 - 1), "impossible_time"),
    "the first of all times": (_event(occurred_at=-(2**63)), "impossible_time"),
    "recorded in 1970": (_event(recorded_at=0), "impossible_time"),
    "in the future when it came, past by now": (
        _appended(AT, occurred_at=AT + FUTURE_TOLERANCE + 1_000_000),
        "impossible_time",
    ),
    "before Kafka's own epoch": (_appended(1000), "impossible_time"),
    "nobody's": (_named("null"), "blocked_identifier"),
    "a name of zeros": (_named("00000000-0000-0000-0000-000000000000"), "blocked_identifier"),
    "no name": (_named(""), "blocked_identifier"),
    "a long name": (_named("n" * (LONGEST_ID + 1)), "too_large"),
    "one byte too much": (lambda made, source: Sent(made.of_size(source, LARGEST_VALUE + 1)), "too_large"),
    "10 MB": (lambda _, __: Sent(os.urandom(10 * MB)), "too_large"),
    # strange, and fine
    "no key": (lambda made, source: Sent(made.encoded(source, f"no-key-{source}"), None), None),
    "an empty key": (lambda made, source: Sent(made.encoded(source, f"empty-key-{source}"), b""), None),
    "a key that is no UTF-8": (lambda made, source: Sent(made.encoded(source, f"key-{source}"), b"\xff\x00\xed"), None),
    "just as large as may be": (lambda made, source: Sent(made.of_size(source, LARGEST_VALUE)), None),
    "NUL in a text": (lambda made, source: Sent(made.with_text(source, b"a\x00b")), None),
    "ahead by less than a day": (_appended(AT, occurred_at=AT + DAY // 2), None),
    "a time of no use at the edge": (
        lambda made, source: Sent(made.encoded(source, f"edge-{source}", received_at=2**63 - 1)),
        None,
    ),
}
AMOUNTS = (math.nan, math.inf, -math.inf, -1.0, 1e308, -0.0)
