"""Avro in Confluent wire format: a zero byte, the writer schema's id in the registry (4 bytes), the record.

Records are dicts in the shape of the current schema; timestamps are ints (UTC microseconds) both ways. States, which
only workers read, have a one for the zero byte, and their record as MessagePack, which is ten times faster; their
schemas are Avro like all others, and so is what happens when one changes.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import msgpack
from fastavro import schemaless_reader, schemaless_writer
from fastavro.read import SchemaResolutionError

from schemas import catalog
from schemas.catalog import Avro, subject
from schemas.registry import Registry, RegistryError

__all__ = ["Codec", "RegistryError", "Undecodable", "Unencodable", "subject"]

_HEADER = 5
_MAGIC, _PACKED = 0, 1
_STATES = "state/"
_SAID = 200  # characters of a library's error


class _Refused(ValueError):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Undecodable(_Refused):
    """Bytes that are no record of the schema asked for.

    `reason`: empty_value, not_avro, unknown_schema, wrong_schema (another record's schema) or missing_field (one that
    has no default is not in the writer's schema, or has no value). `detail` is for people and holds no field values.
    """


class Unencodable(_Refused):
    """A record that the schema does not allow; `reason`: missing_field, unknown_field or wrong_type."""


class Codec:
    """Encodes with the current schemas; decodes what any version the registry knows has written.

    registry_url None: an own mock:// registry, in which all released schemas have the same ids in every process.
    registry_auth is "user:password", registry_ca the path of a CA bundle.
    Raises RegistryError where the registry cannot be reached or refuses a schema; that says nothing about the data.
    """

    def __init__(
        self, registry_url: str | None, registry_auth: str | None = None, registry_ca: str | None = None
    ) -> None:
        self._registry = Registry(registry_url, registry_auth, registry_ca)
        self._writers: dict[str, tuple[bytes, Avro]] = {}
        self._readers: dict[tuple[str, int], tuple[Avro, Avro | None]] = {}
        for version in catalog.versions():
            schema_id = self._registry.register(version)
            schema = catalog.parsed(version.text)
            first = _PACKED if version.name.startswith(_STATES) else _MAGIC
            self._writers[version.name] = (bytes([first]) + schema_id.to_bytes(4, "big"), schema)
            self._readers[version.name, schema_id] = (schema, None)
        for (name, schema_id), (written, _) in self._readers.items():
            current = self._writers[name][1]
            self._readers[name, schema_id] = (written, None if written is current else current)

    def encode(self, name: str, record: dict[str, Any]) -> bytes:
        """The record with its header; raises Unencodable, also for a field that the schema does not have.

        A state is taken as it is: whether it has its schema's shape, tests say.
        """
        header, schema = self._writers[name]
        if header[0] == _PACKED:
            return header + bytes(msgpack.packb(record))
        try:
            return _in_avro(header, schema, record)
        except Exception as error:
            raise _unencodable(name, schema, record, error) from None

    def decode(self, name: str, data: bytes | None) -> dict[str, Any]:
        """The record in the shape of the current schema; raises Undecodable."""
        if not data:
            raise Undecodable("empty_value", "no bytes")
        packed = data[0] == _PACKED and name.startswith(_STATES)
        if (data[0] != _MAGIC and not packed) or len(data) < _HEADER:
            raise Undecodable("not_avro", f"no Confluent header: starts with {data[:_HEADER].hex()}")
        key = (name, int.from_bytes(data[1:_HEADER], "big"))
        written, wanted = self._readers.get(key) or self._look_up(*key)
        if packed:
            state: dict[str, Any] = msgpack.unpackb(memoryview(data)[_HEADER:])
            if wanted is None:
                return state
            data = _in_avro(data[:_HEADER], written, state)
        try:
            return _read(name, data, written, wanted)
        except SchemaResolutionError as error:
            raise Undecodable(*_unresolved(data, written, wanted or written, error)) from None

    def as_written(self, data: bytes | None) -> tuple[str, dict[str, Any]]:
        """For people: the name of the writer's own schema, whosever it is, and the record as that has it.

        Raises Undecodable.
        """
        if not data or data[0] != _MAGIC or len(data) < _HEADER:
            raise Undecodable("not_avro", "no Confluent header")
        written = self._written(int.from_bytes(data[1:_HEADER], "big"))
        return str(written["name"]), _read(str(written["name"]), data, written, None)

    def _look_up(self, name: str, schema_id: int) -> tuple[Avro, Avro | None]:
        """A schema that is not among the released ones, e.g. one that a newer producer has registered."""
        current = self._writers[name][1]
        written = self._written(schema_id)
        if written["name"] != current["name"]:
            raise Undecodable("wrong_schema", f"schema id {schema_id} is {written['name']}, not {current['name']}")
        self._readers[name, schema_id] = (written, current)
        return written, current

    def _written(self, schema_id: int) -> Avro:
        """The registry's schema of this id, a record."""
        text = self._registry.text(schema_id)
        if text is None:
            raise Undecodable("unknown_schema", f"schema id {schema_id} is not in the registry")
        try:
            written = catalog.parsed(text)
        except Exception as error:
            raise Undecodable(
                "wrong_schema", f"schema id {schema_id} is no Avro record: {type(error).__name__}"
            ) from None
        if written.get("type") != "record":
            raise Undecodable("wrong_schema", f"schema id {schema_id} is no Avro record but {written.get('type')}")
        return written


def _in_avro(header: bytes, schema: Avro, record: dict[str, Any]) -> bytes:
    out = BytesIO(header)
    out.seek(_HEADER)
    schemaless_writer(out, schema, record, strict_allow_default=True)
    return out.getvalue()


def _read(name: str, data: bytes, written: Avro, wanted: Avro | None) -> dict[str, Any]:
    """Raises SchemaResolutionError, Undecodable."""
    stream = BytesIO(data)
    stream.seek(_HEADER)
    try:
        record: Any = schemaless_reader(stream, written, wanted)
    except SchemaResolutionError:
        raise
    except Exception as error:  # garbage makes the reader raise nearly anything
        raise Undecodable("not_avro", f"{name}: {type(error).__name__} after {stream.tell()} bytes") from None
    if stream.tell() != len(data):
        raise Undecodable("not_avro", f"{name}: {len(data) - stream.tell()} bytes left over")
    return dict(record)


def _unresolved(data: bytes, written: Avro, wanted: Avro, error: Exception) -> tuple[str, str]:
    known = {field["name"] for field in written["fields"]}
    needed = [field["name"] for field in wanted["fields"] if "default" not in field]
    if missing := [name for name in needed if name not in known]:
        return "missing_field", f"the writer's schema lacks {', '.join(missing)}"
    try:
        record = _read(str(written["name"]), data, written, None)
    except Undecodable as worse:
        return worse.reason, worse.detail
    if missing := [name for name in needed if record[name] is None]:
        return "missing_field", f"no value in {', '.join(missing)}"
    return "wrong_schema", f"the writer's schema does not resolve to {wanted['name']}: {str(error)[:_SAID]}"


def _unencodable(name: str, schema: Avro, record: dict[str, Any], error: Exception) -> Unencodable:
    fields = {field["name"] for field in schema["fields"]}
    if unknown := sorted(set(record) - fields):
        return Unencodable("unknown_field", f"{name} has no field {', '.join(unknown)}")
    missing = [f["name"] for f in schema["fields"] if "default" not in f and record.get(f["name"]) is None]
    if missing:
        return Unencodable("missing_field", f"{name} needs {', '.join(missing)}")
    return Unencodable("wrong_type", f"{name}: {type(error).__name__}: {error}")
