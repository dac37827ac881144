from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import msgpack
import pytest
from fastavro import schemaless_writer
from fastavro.validation import validate
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import catalog
from schemas import registry as schemas_registry
from schemas.codec import Codec, RegistryError, Undecodable, Unencodable, subject
from schemas.samples import Sample, samples
from tests.support.certificates import Authority
from tests.support.schema_registry import FIRST_ID, SchemaRegistry, serving

PAGE_VIEW = {"source": "site", "type": "page_view", "occurred_at": 1_756_800_060_000_123, "anonymous_id": "d-1"}
CODEC = Codec(None)


@pytest.mark.parametrize("sample", samples(), ids=str)
def test_samples_come_back_as_they_were(sample: Sample) -> None:
    decoded = CODEC.decode(sample.name, CODEC.encode(sample.name, sample.record))
    fields = {field["name"]: field for field in catalog.current(sample.name)["fields"]}
    assert decoded == {name: sample.record.get(name, field.get("default")) for name, field in fields.items()}


def test_a_state_is_packed_and_read_by_later_versions() -> None:
    """Also one that an earlier release packed, or wrote as Avro."""
    current = catalog.current("state/lead")
    first = next(version for version in catalog.versions() if version.name == "state/lead")
    state = {
        "lead": "L1",
        "applied": 7,
        "inbox": {"email:a": {"full": 1, "items": {}}},
        "emitted": {"leads": b"\x00\xff"},
    }
    whole = state | {"inbox": {"email:a": {"full": 1, "items": {}, "former": [], "beyond": 0, "counted": -1}}}
    validate(whole, current, strict=True)
    data = CODEC.encode("state/lead", whole)
    assert data[0] == 1
    assert CODEC.decode("state/lead", data) == whole
    (earlier,) = (schema_id for (name, schema_id), (schema, wanted) in CODEC._readers.items()
                  if name == "state/lead" and schema == catalog.parsed(first.text))  # fmt: skip
    header = earlier.to_bytes(4, "big")
    assert CODEC.decode("state/lead", b"\x01" + header + msgpack.packb(state)) == whole
    avro = BytesIO()
    schemaless_writer(avro, catalog.parsed(first.text), state)
    assert CODEC.decode("state/lead", b"\x00" + header + avro.getvalue()) == whole


def test_only_a_state_is_packed() -> None:
    with pytest.raises(Undecodable, match="not_avro"):
        CODEC.decode("events/web", b"\x01" + CODEC.encode("events/web", PAGE_VIEW)[1:])


def test_times_stay_ints() -> None:
    assert CODEC.decode("events/web", CODEC.encode("events/web", PAGE_VIEW))["occurred_at"] == 1_756_800_060_000_123


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "empty_value"),
        (b"", "empty_value"),
        (b'{"type": "page_view"}', "not_avro"),
        (b"\x00\x00\x00", "not_avro"),
        (b"\x00\x7f\xff\xff\xff" + bytes(20), "unknown_schema"),
        (CODEC.encode("events/web", PAGE_VIEW)[:-1], "not_avro"),
        (CODEC.encode("events/web", PAGE_VIEW) + b"\x00", "not_avro"),
        (CODEC.encode("events/form", {**PAGE_VIEW, "form_kind": "contact"}), "wrong_schema"),
    ],
)
def test_bytes_that_are_no_record(data: bytes | None, reason: str) -> None:
    with pytest.raises(Undecodable) as caught:
        CODEC.decode("events/web", data)
    assert caught.value.reason == reason


@given(st.sampled_from(samples("events/web") + samples("events/form") + samples("events/crm")), st.binary(max_size=400))
def test_garbage_is_a_record_or_undecodable(sample: Sample, body: bytes) -> None:
    header = CODEC.encode(sample.name, sample.record)[:5]
    for data in (body, header + body):
        with suppress(Undecodable):
            CODEC.encode(sample.name, CODEC.decode(sample.name, data))


@given(st.floats(0, 1), st.binary(min_size=1, max_size=3), st.sampled_from(samples("events/crm")))
@settings(max_examples=300)
def test_a_damaged_event_raises_nothing_else(place: float, damage: bytes, sample: Sample) -> None:
    data = CODEC.encode(sample.name, sample.record)
    at = int(place * len(data))
    with suppress(Undecodable):
        CODEC.decode(sample.name, data[:at] + damage + data[at + len(damage) :])


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"source": "site"}, "missing_field"),
        ({**PAGE_VIEW, "colour": "red"}, "unknown_field"),
        ({**PAGE_VIEW, "occurred_at": "yesterday"}, "wrong_type"),
    ],
)
def test_records_that_the_schema_does_not_allow(record: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unencodable) as caught:
        CODEC.encode("events/web", record)
    assert caught.value.reason == reason


def test_every_process_numbers_schemas_alike() -> None:
    program = "from schemas.codec import Codec; c = Codec(None); print({n: w[0].hex() for n, w in c._writers.items()})"
    printed = {subprocess.check_output([sys.executable, "-c", program], text=True) for _ in range(2)}
    assert printed == {f"{ {name: header.hex() for name, (header, _) in CODEC._writers.items()} }\n"}


@pytest.fixture
def registry() -> Any:
    with serving() as found:
        yield found


def test_a_registry_gives_the_ids(registry: SchemaRegistry) -> None:
    codec = Codec(registry.url)
    assert int.from_bytes(codec.encode("events/web", PAGE_VIEW)[1:5], "big") >= FIRST_ID
    assert set(registry.compatibility.values()) == {"BACKWARD_TRANSITIVE"}
    assert {name for name, _ in registry.schemas} == {subject(name) for name in catalog.names()}
    registry.readonly = True  # what is registered is only looked up
    assert Codec(registry.url).decode("events/web", codec.encode("events/web", PAGE_VIEW))["anonymous_id"] == "d-1"


def test_what_a_newer_producer_registered_is_read(registry: SchemaRegistry) -> None:
    codec = Codec(registry.url)
    newer = catalog.current("events/web") | {
        "fields": [*catalog.current("events/web")["fields"], {"name": "scroll", "type": "int", "default": 0}]
    }
    registry.schemas.append((subject("events/web"), catalog.compact(newer)))
    number = FIRST_ID + len(registry.schemas) - 1
    written = b"\x00" + number.to_bytes(4, "big") + codec.encode("events/web", PAGE_VIEW)[5:] + b"\x54"
    assert codec.decode("events/web", written) == CODEC.decode("events/web", CODEC.encode("events/web", PAGE_VIEW))
    with pytest.raises(Undecodable, match="wrong_schema"):
        codec.decode("events/form", written)


def test_a_writer_without_a_needed_field(registry: SchemaRegistry) -> None:
    codec = Codec(registry.url)
    fields = [field for field in catalog.current("events/web")["fields"] if field["name"] != "anonymous_id"]
    registry.schemas.append(
        (subject("events/web"), catalog.compact(catalog.current("events/web") | {"fields": fields}))
    )
    number = FIRST_ID + len(registry.schemas) - 1
    with pytest.raises(Undecodable, match=r"missing_field: the writer's schema lacks anonymous_id"):
        codec.decode("events/web", b"\x00" + number.to_bytes(4, "big") + bytes(40))


def other(registry: SchemaRegistry, schema: Any) -> bytes:
    """The header of what somebody else's schema has written."""
    registry.schemas.append((subject("events/web"), catalog.compact(schema)))
    return b"\x00" + (FIRST_ID + len(registry.schemas) - 1).to_bytes(4, "big")


@pytest.mark.parametrize("kind", [{"type": "fixed", "size": 4}, {"type": "enum", "symbols": ["a", "b", "c"]}])
def test_a_schema_of_our_name_that_is_no_record(registry: SchemaRegistry, kind: dict[str, Any]) -> None:
    codec = Codec(registry.url)
    header = other(registry, {"name": "WebEvent", "namespace": "funnelwatch"} | kind)
    with pytest.raises(Undecodable, match=r"wrong_schema: schema id \d+ is no Avro record"):
        codec.decode("events/web", header + b"\x00\x00\x00\x00")


def test_a_needed_field_without_a_value(registry: SchemaRegistry) -> None:
    codec, current = Codec(registry.url), catalog.current("events/web")
    fields = [f | {"type": ["string", "null"]} if f["name"] == "anonymous_id" else f for f in current["fields"]]
    header = other(registry, current | {"fields": fields})
    body = codec.encode("events/web", PAGE_VIEW)[5:]
    assert codec.decode("events/web", header + body.replace(b"\x06d-1", b"\x00\x06d-1"))["anonymous_id"] == "d-1"
    with pytest.raises(Undecodable, match="missing_field: no value in anonymous_id"):
        codec.decode("events/web", header + body.replace(b"\x06d-1", b"\x02"))
    with pytest.raises(Undecodable, match="not_avro"):
        codec.decode("events/web", header + body.replace(b"\x06d-1", b"\x02")[:-1])


def test_people_see_a_record_as_it_was_written(registry: SchemaRegistry) -> None:
    codec = Codec(registry.url)
    assert codec.as_written(codec.encode("events/web", PAGE_VIEW))[0] == "funnelwatch.WebEvent"
    order = {"type": "record", "name": "acme.Order", "fields": [{"name": "total", "type": "int"}]}
    assert codec.as_written(other(registry, order) + b"\x54") == ("acme.Order", {"total": 42})
    for garbage in (None, b"", b"x", b"\x00\x7f\xff\xff\xff", other(registry, order) + b"\x54\x00"):
        with pytest.raises(Undecodable):
            codec.as_written(garbage)


def test_a_schema_that_is_registered_late_is_known_soon(
    registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec = Codec(registry.url)
    data = b"\x00" + (FIRST_ID + len(registry.schemas)).to_bytes(4, "big") + codec.encode("events/web", PAGE_VIEW)[5:]
    with pytest.raises(Undecodable, match="unknown_schema"):
        codec.decode("events/web", data)
    other(registry, catalog.current("events/web"))
    monkeypatch.setattr(schemas_registry, "ASK_AGAIN_SECONDS", 3600.0)
    with pytest.raises(Undecodable, match="unknown_schema"):  # not asked for each message
        codec.decode("events/web", data)
    monkeypatch.setattr(schemas_registry, "ASK_AGAIN_SECONDS", 0.0)
    assert codec.decode("events/web", data)["anonymous_id"] == "d-1"


def test_a_registry_that_fails_says_nothing_about_the_data(registry: SchemaRegistry) -> None:
    codec = Codec(registry.url)
    registry.broken = True
    with pytest.raises(RegistryError, match=r"schema id 9999: .*out of order"):
        codec.decode("events/web", b"\x00" + (9999).to_bytes(4, "big") + b"x")
    registry.broken = False
    with pytest.raises(Undecodable, match="unknown_schema"):
        codec.decode("events/web", b"\x00" + (9999).to_bytes(4, "big") + b"x")


def test_user_and_password(registry: SchemaRegistry) -> None:
    registry.password = "me:secret"
    Codec(registry.url, "me:secret")
    with pytest.raises(RegistryError, match="Unauthorized"):
        Codec(registry.url, "me:wrong")


def test_tls_with_a_private_authority(tmp_path: Path) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    with serving(authority.issue("registry", "127.0.0.1").server_context()) as registry:
        registry.password = "me:secret"
        assert Codec(registry.url, registry.password, str(authority.ca)).encode("events/web", PAGE_VIEW)
        named = registry.url.replace("//", "//me:hush@")
        with pytest.raises(RegistryError, match="not trusted; is SCHEMA_REGISTRY_CA who signed it") as caught:
            Codec(named, None, str(other.ca))
        assert "\n" not in str(caught.value) and "hush" not in str(caught.value)
