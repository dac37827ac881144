from __future__ import annotations

import csv
import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastavro import parse_schema, schemaless_writer
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.sources.files import SourceError
from streams.sources.mapping import MappedEvent, MappingError, Rejected, events, load_mapping

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("FUNNELWATCH_SHARED", ROOT.parent / "shared"))


def micros(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc, arg-type]


def crm(**fields: Any) -> dict[str, Any]:
    """One CRM event rule; `fields` are added to the least that a record needs."""
    least = {
        "type": {"const": "lead_updated"},
        "record_kind": {"const": "lead"},
        "record_id": "id",
        "occurred_at": "at",
    }
    return {"name": "one", "topic": "crm", "fields": least | fields}


def run(folder: Path, rule: dict[str, Any], text: str, name: str = "in.csv", **rest: Any) -> list[Any]:
    mapping = folder / "mapping.yaml"
    mapping.write_text(yaml.safe_dump({"source": "test", "inputs": [{"files": "in*", "events": [rule], **rest}]}))
    (folder / name).write_text(text, "utf-8")
    return list(events(load_mapping(mapping), folder / name))


def only(found: list[Any]) -> dict[str, Any]:
    assert len(found) == 1
    assert isinstance(found[0], MappedEvent), found
    return found[0].record


def value(folder: Path, field: str, rule: Any, cell: str) -> Any:
    """What a field becomes for one cell; the reason when the row is rejected."""
    text = "id,at,x\n" + f'L1,2024-03-05,"{cell}"\n'
    found = run(folder, crm(**{field: rule}), text)
    return found[0].reason if isinstance(found[0], Rejected) else only(found).get(field)


def test_a_row_becomes_an_event_with_key_id_and_precision(tmp_path: Path) -> None:
    [event] = run(tmp_path, crm(status="s"), "id,at,s\nL1,2024-03-05,Open\n")
    assert (event.topic, event.key) == ("crm", b"L1")
    assert len(event.record.pop("event_id")) == 32
    assert event.record == {
        "source": "test",
        "type": "lead_updated",
        "record_kind": "lead",
        "record_id": "L1",
        "occurred_at": micros(2024, 3, 5),
        "time_precision": "day",
        "status": "Open",
    }


@pytest.mark.parametrize(
    ("rule", "cell", "expected", "precision"),
    [
        ("x", "2024-03-05T10:00:00+02:00", micros(2024, 3, 5, 8), "second"),
        ("x", "2024-03-05 10:00:00", micros(2024, 3, 5, 10), "second"),
        ("x", "2024-03-05T10:00:00.123456789Z", micros(2024, 3, 5, 10) + 123_456, "second"),
        ({"column": "x", "zone": "America/Sao_Paulo"}, "2024-03-05", micros(2024, 3, 5, 3), "day"),
        (
            {"column": "x", "zone": "Europe/Berlin", "time": "%d.%m.%Y %H:%M"},
            "05.07.2024 10:00",
            micros(2024, 7, 5, 8),
            "second",
        ),
        ({"column": "x", "time": "%d/%m/%Y"}, "05/03/2024", micros(2024, 3, 5), "day"),
        ({"column": "x", "time": ["%d/%m/%Y", "iso"]}, "2024-03-05", micros(2024, 3, 5), "day"),
        ({"column": "x", "time": "unix_s"}, "1709632800.5", 1_709_632_800_500_000, "second"),
        ({"column": "x", "time": "unix_ms"}, "1709632800000", 1_709_632_800_000_000, "second"),
        ({"column": "x", "zone": "Europe/Berlin"}, "2024-03-31T02:30:00", micros(2024, 3, 31, 1, 30), "second"),
        ({"column": "x", "zone": "Europe/Berlin"}, "2024-10-27T02:30:00", micros(2024, 10, 27, 0, 30), "second"),
    ],
)
def test_times(tmp_path: Path, rule: Any, cell: str, expected: int, precision: str) -> None:
    record = only(run(tmp_path, crm(occurred_at=rule), f"id,at,x\nL1,,{cell}\n"))
    assert (record["occurred_at"], record["time_precision"]) == (expected, precision)


@pytest.mark.parametrize("cell", ["yesterday", "2024-13-01", "1e999999999", "nan"])
def test_times_that_are_none(tmp_path: Path, cell: str) -> None:
    rule = {"column": "x", "time": ["iso", "unix_s"]}
    [found] = run(tmp_path, crm(occurred_at=rule), f"id,x\nL1,{cell}\n")
    assert found == Rejected("in.csv", 2, f"occurred_at: column 'x': {cell!r} is not a time like iso or unix_s")


@pytest.mark.parametrize(
    ("field", "rule", "cell", "expected"),
    [
        ("status", {"column": "x", "slug": True}, " Organic  Search! ", "organic_search"),
        ("status", {"column": "x", "slug": True}, "Größe", "grosse"),
        ("status", {"template": "deal-{id}-{x}"}, "9", "deal-L1-9"),
        ("status", {"template": "deal-{x}"}, "", None),
        ("status", {"column": "x", "map": {"a": "b"}}, "a", "b"),
        ("status", {"column": "x", "map": {"a": "b"}, "default": "c"}, "z", "c"),
        ("status", {"column": "x", "map": {"a": "b"}, "default": None}, "z", None),
        ("status", {"column": "x", "map": {"a": None}}, "a", None),
        ("status", {"column": "x", "map": {"a": "b"}}, "", None),
        ("status", {"column": "x", "map": {"a": "b"}, "if_empty": "n"}, "", "n"),
        ("amount", "x", "1234.50", 1234.5),
        ("amount", {"column": "x", "number": {"decimal": ",", "thousands": "."}}, "1.234,50", 1234.5),
        ("opted_out", "x", "Yes", True),
        ("opted_out", "x", "0", False),
        ("owner_kind", {"column": "x", "map": {"Q": "queue"}}, "Q", "queue"),
        (
            "contacts",
            "x",
            "c1:champion,c2",
            [{"contact_id": "c1", "role": "champion"}, {"contact_id": "c2", "role": None}],
        ),
    ],
)
def test_values(tmp_path: Path, field: str, rule: Any, cell: str, expected: Any) -> None:
    assert value(tmp_path, field, rule, cell) == expected


@pytest.mark.parametrize(
    ("field", "rule", "cell", "reason"),
    [
        ("status", {"column": "x", "map": {"a": "b"}}, "z", "'z' is not in the map and there is no default"),
        ("amount", "x", "1,5", "'1,5' is not a number"),
        ("amount", "x", "inf", "'inf' is not a number"),
        ("opted_out", "x", "maybe", "'maybe' is neither true nor false"),
        ("owner_kind", "x", "boss", "'boss' is none of person, queue, integration"),
        ("contacts", "x", ":champion", "a contact without contact_id"),
    ],
)
def test_values_that_reject_the_row(tmp_path: Path, field: str, rule: Any, cell: str, reason: str) -> None:
    assert value(tmp_path, field, rule, cell) == f"{field}: column 'x': {reason}"


def test_empty_texts_of_the_input(tmp_path: Path) -> None:
    record = only(run(tmp_path, crm(status="s"), "id,at,s\nL1,2024-03-05,NULL\n", empty=["NULL"]))
    assert "status" not in record


@pytest.mark.parametrize(
    ("when", "cells"),
    [
        ({"column": "x"}, {"a", "b", "7"}),
        ({"column": "x", "absent": True}, {""}),
        ({"column": "x", "equals": "a"}, {"a"}),
        ({"column": "x", "equals": 7}, {"7"}),
        ({"column": "x", "in": ["a", 7]}, {"a", "7"}),
        ([{"column": "x"}, {"column": "id", "equals": "b"}], {"b"}),
    ],
)
def test_conditions(tmp_path: Path, when: Any, cells: set[str]) -> None:
    rows = "".join(f"{cell or 'none'},2024-03-05,{cell}\n" for cell in ("a", "b", "7", ""))
    found = run(tmp_path, crm(status="x") | {"when": when}, "id,at,x\n" + rows)
    assert {event.record.get("status", "") for event in found} == cells


def test_bad_rows_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    text = "id,at\nL1,2024-03-05\n,2024-03-05\nL3\nL4,soon\nL5,2024-03-05\n"
    found = run(tmp_path, crm(), text)
    assert [event.key for event in found if isinstance(event, MappedEvent)] == [b"L1", b"L5"]
    assert [reject for reject in found if isinstance(reject, Rejected)] == [
        Rejected("in.csv", 3, "one: record_id has no value"),
        Rejected("in.csv", 4, "1 cells where the header has 2"),
        Rejected("in.csv", 5, "occurred_at: column 'at': 'soon' is not a time like iso"),
    ]


def test_a_row_with_one_impossible_event_gives_none(tmp_path: Path) -> None:
    mapping = {"source": "t", "inputs": [{"files": "*", "events": [crm(), crm(amount="x") | {"name": "two"}]}]}
    (tmp_path / "m.yaml").write_text(yaml.safe_dump(mapping))
    (tmp_path / "in.csv").write_text("id,at,x\nL1,2024-03-05,1\nL2,2024-03-05,much\n")
    found = list(events(load_mapping(tmp_path / "m.yaml"), tmp_path / "in.csv"))
    assert [type(one) for one in found] == [MappedEvent, MappedEvent, Rejected]


def test_nested_json_and_form_keys(tmp_path: Path) -> None:
    fields = {"type": {"const": "form_submitted"}, "form_kind": "kind", "occurred_at": "at"}
    rule = {"name": "form", "topic": "form", "fields": fields | {"email": "who.mail", "anonymous_id": "who.device"}}
    rows: list[dict[str, Any]] = [
        {"kind": "demo_request", "at": "2024-03-05T10:00:00Z", "who": {"mail": "a@b.example", "device": "d1"}},
        {"kind": "demo_request", "at": "2024-03-05T10:00:00Z", "who": {"mail": "a@b.example"}},
        {"kind": "demo_request", "at": "2024-03-05T10:00:00Z", "who": "nobody"},
        {"kind": ["demo_request"], "at": "2024-03-05T10:00:00Z"},
    ]
    found = run(tmp_path, rule, "\n".join(map(json.dumps, rows)), "in.ndjson")
    assert [event.key for event in found[:2]] == [b"d1", b"a@b.example"]
    assert found[2] == Rejected("in.ndjson", 3, "form: neither anonymous_id nor email has a value")
    assert found[3] == Rejected("in.ndjson", 4, "form_kind: column 'kind': a list where one value is wanted")


def test_half_a_character_in_json_is_rejected(tmp_path: Path) -> None:
    text = '{"id": "\\ud800", "at": "2024-03-05"}\n{"id": "\\ud83d\\ude00", "at": "2024-03-05", "x": "\\udfff"}'
    found = run(tmp_path, crm(), text, "in.ndjson")
    assert isinstance(found[0], Rejected)
    assert found[0].reason.startswith("record_id: column 'id': half a character")
    assert found[1].key == "😀".encode()


def test_ids_depend_on_content_alone(tmp_path: Path) -> None:
    first = run(tmp_path, crm(), "id,at\nL1,2024-03-05\nL2,2024-03-05\n", "in1.csv")
    again = run(tmp_path, crm(), "at,id\n2024-03-05,L2\n2024-03-05,L1\n", "in2.csv")
    assert [event.record["event_id"] for event in first] == [event.record["event_id"] for event in reversed(again)]
    assert first[0].record["event_id"] != first[1].record["event_id"]


def test_ids_from_columns(tmp_path: Path) -> None:
    found = run(tmp_path, crm() | {"id": ["id", "x"]}, "id,at,x\nL1,2024-03-05,1\nL2,2024-03-05,\n")
    assert found[0].record["event_id"] == "one:L1:1"
    assert found[1] == Rejected("in.csv", 3, "one: id: column 'x' has no value")


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), max_size=6),
            "at": st.one_of(st.datetimes().map(datetime.isoformat), st.dates().map(str), st.text("x1-", max_size=3)),
            "x": st.one_of(st.floats().map(str), st.text(max_size=3)),
        }
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_every_row_ends_as_an_event_that_encodes_or_as_a_reject(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    with (folder / "in.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "at", "x"], quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    text = (folder / "in.csv").read_bytes().decode()
    found = run(folder, crm(amount="x", status={"template": "{id}/{x}"}), text)
    assert len(found) == len(rows)
    assert found == run(folder, crm(amount="x", status={"template": "{id}/{x}"}), text)
    schema = parse_schema(json.loads((ROOT / "schemas/events/crm.avsc").read_text()))
    for one in found:
        if isinstance(one, MappedEvent):
            with (folder / "out").open("wb") as out:
                schemaless_writer(out, schema, one.record, strict_allow_default=True)


GOOD = """\
source: t
inputs:
  - files: "*.csv"
    events:
      - name: one
        topic: crm
        fields:
          type: {const: lead_updated}
          record_kind: {const: lead}
          record_id: id
          occurred_at: at
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("record_id: id", "record_idd: id", "line 5: inputs[0].events[0]: crm events have no field 'record_idd'"),
        ("          record_id: id\n", "", "line 5: inputs[0].events[0]: crm events need record_id"),
        ("{const: lead}", "{const: led}", "line 5: inputs[0].events[0]: record_kind: 'led' is none of lead, contact"),
        ("const: lead_updated", "const: lead_up", "type: 'lead_up' is none of the crm types"),
        (
            "occurred_at: at",
            "occurred_at: {column: at, zone: Mars}",
            "line 11: inputs[0].events[0].fields.occurred_at.zone: unknown time zone 'Mars'",
        ),
        ("occurred_at: at", "occurred_at: {}", "line 11: inputs[0].events[0].fields.occurred_at: exactly one of"),
        ("topic: crm", "topic: cmr", "line 6: inputs[0].events[0].topic: Input should be 'web', 'form' or 'crm'"),
        ("source: t", "sauce: t", "line 1: source: Field required"),
        ("record_id: id", "record_id: {column: id, time: iso}", "record_id: time on a field that is no time"),
        ("record_id: id", "record_id: {column: id, default: x}", "default goes with map"),
        ("name: one", "name: one\n        nmae: one", "line 6: inputs[0].events[0].nmae: Extra inputs"),
        ("source: t", "source: t\nsource: u", "line 2: 'source' stands twice"),
        ("source: t", "source: [", "line 3: "),
    ],
)
def test_mistakes_are_one_line_with_file_line_and_path(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(MappingError) as caught:
        load_mapping(path)
    assert str(caught.value).startswith(f"{path}: line ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_least_mapping_is_right(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(GOOD)
    assert load_mapping(tmp_path / "m.yaml").source == "t"
    (tmp_path / "m.yaml").write_text("")
    with pytest.raises(MappingError, match="line 1"):
        load_mapping(tmp_path / "m.yaml")
    with pytest.raises(MappingError, match="No such file"):
        load_mapping(tmp_path / "none.yaml")


def test_files_that_the_mapping_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(GOOD)
    mapping = load_mapping(tmp_path / "m.yaml")
    (tmp_path / "in.csv").write_text("id,when\n1,2\n")
    with pytest.raises(SourceError, match=r"in\.csv: line 1: no column 'at'"):
        list(events(mapping, tmp_path / "in.csv"))
    with pytest.raises(SourceError, match="no input of the mapping fits this name"):
        list(events(mapping, tmp_path / "in.xls"))


def olist(name: str) -> list[MappedEvent]:
    path = SHARED / "data" / "olist" / name
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no Olist data at {path}")
        pytest.skip(f"no Olist data at {path}")
    found = list(events(load_mapping(ROOT / "tests/olist/mapping.yaml"), path))
    assert not [one for one in found if isinstance(one, Rejected)]
    return [one for one in found if isinstance(one, MappedEvent)]


def test_olist_funnel() -> None:
    leads = olist("marketing_qualified_leads.csv")
    deals = olist("closed_deals.csv")
    channel = {lead.record["record_id"]: lead.record.get("marketing_source", "") for lead in leads}
    won = Counter(channel[deal.record["lead_id"]] for deal in deals)
    assert {name: (n, won[name]) for name, n in Counter(channel.values()).items()} == {
        "direct_traffic": (499, 56),
        "display": (118, 6),
        "email": (493, 15),
        "organic_search": (2296, 271),
        "other": (150, 4),
        "other_publicities": (65, 3),
        "paid_search": (1586, 195),
        "referral": (284, 24),
        "social": (1350, 75),
        "unknown": (1099, 179),
        "": (60, 14),
    }
    contacted = {lead.record["record_id"]: lead.record["occurred_at"] for lead in leads}
    assert all(lead.record["time_precision"] == "day" for lead in leads)
    assert all(deal.record["time_precision"] == "second" for deal in deals)
    early = [deal for deal in deals if deal.record["occurred_at"] < contacted[deal.record["lead_id"]]]
    assert [deal.record["lead_id"] for deal in early] == ["b91cf8812365f50ff4bda4bcd6206b05"]
