"""Whatever a released schema has written, the current one reads: by the rules of Avro, and by doing it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from fastavro import schemaless_reader, schemaless_writer
from fastavro.utils import generate_many
from fastavro.validation import validate

from schemas import catalog
from schemas.catalog import Version
from schemas.compatibility import problems, unreadable
from schemas.samples import samples

RECORDS = 40


@pytest.mark.parametrize("name", catalog.names())
def test_the_rules_allow_it(name: str) -> None:
    assert problems(name) == []


@pytest.mark.parametrize("version", catalog.released(), ids=lambda one: f"{one.name} v{one.number}")
def test_generated_records_are_read(version: Version) -> None:
    written, wanted = catalog.parsed(version.text), catalog.parsed(catalog.compact(catalog.current(version.name)))
    for record in generate_many(written, RECORDS):
        stream = BytesIO()
        schemaless_writer(stream, written, record)
        stream.seek(0)
        assert validate(schemaless_reader(stream, written, wanted), wanted, raise_errors=False)


def test_the_log_names_each_released_file_once() -> None:
    lines = [line for line in catalog.LOG.read_text().split("\n") if line]
    files = {f"{path.parent.relative_to(catalog.RELEASED)} {path.stem}" for path in catalog.RELEASED.glob("*/*/*.avsc")}
    assert len(lines) == len(set(lines))
    assert set(lines) == files
    for name in catalog.names():
        numbers = [version.number for version in catalog.released() if version.name == name]
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_event_and_message_has_samples() -> None:
    assert {sample.name for sample in samples()} >= {n for n in catalog.names() if not n.startswith("state/")}


def changed(**change: Any) -> str:
    return catalog.compact(catalog.current("events/web") | change)


def fields(*extra: dict[str, Any], without: str = "", **replaced: Any) -> list[dict[str, Any]]:
    kept = [field for field in catalog.current("events/web")["fields"] if field["name"] != without]
    return [field | {"type": replaced[field["name"]]} if field["name"] in replaced else field for field in kept] + [
        *extra
    ]


@pytest.mark.parametrize(
    ("reader", "why"),
    [
        (changed(fields=fields({"name": "new", "type": "string"})), "new"),
        (changed(fields=fields(occurred_at="string")), "string"),
        (changed(fields=fields(url="string")), "url|null|string"),
        (changed(name="PageEvent"), "WebEvent"),
    ],
    ids=["a field without default", "another type", "no longer optional", "another name"],
)
def test_forbidden_changes_are_found(reader: str, why: str) -> None:
    found = unreadable(reader, catalog.compact(catalog.current("events/web")))
    assert any(word in found for word in why.split("|")), found


@pytest.mark.parametrize(
    "reader",
    [
        changed(fields=fields({"name": "new", "type": ["null", "string"], "default": None})),
        changed(fields=fields(without="referrer")),
        changed(fields=fields(anonymous_id=["null", "string"])),
    ],
    ids=["a field with default", "a field less", "now optional"],
)
def test_allowed_changes_are_allowed(reader: str) -> None:
    assert unreadable(reader, catalog.compact(catalog.current("events/web"))) == ""
