from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from streams.definition.content import content_of
from streams.definition.load import DEFAULT_PATH
from streams.definition.match import known_fields
from streams.definition.schema import schema_text
from tests.definition.changed import SIGNED, TEXT, changed, text
from tests.definition.schema_check import violations

FILE = DEFAULT_PATH.with_suffix(".schema.json")
SCHEMA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def wrong(content: Any) -> list[str]:
    """As an editor sees it: a date is a text."""
    return list(violations(json.loads(json.dumps(content, default=str)), SCHEMA, SCHEMA))


def test_the_file_is_of_this_model() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text(), f"funnelwatch definition schema > {FILE.name}"


def test_the_default_names_it_and_keeps_to_it() -> None:
    assert TEXT.startswith(f"# yaml-language-server: $schema={FILE.name}\n")
    assert wrong(yaml.safe_load(TEXT)) == []
    assert wrong(yaml.safe_load(text(SIGNED))) == []


def test_the_whole_content_keeps_to_it() -> None:
    assert wrong(content_of(changed().definition)) == []


@pytest.mark.parametrize(
    ("replacement", "where"),
    [
        (("due: 7 days ", "due: 7 dayz "), ".obligations.unnurtured.due: anyOf"),
        (("warn: 1 business day", "warn: 75"), ".obligations.undecided.warn: anyOf"),
        (("  look_back: 24 months", "  look_back: 2 business days"), ".origin.look_back: pattern"),
        (("visit: {type: session}", "visit: {typ: session}"), ".moments.visit: anyOf"),
        (("pages: {min: 5}", "pages: {least: 5}"), ".sales_ready.behaviour[7].when: anyOf"),
        (("owed_by: operations", "owed_by: nobody"), ".obligations.unrouted.owed_by: enum"),
        (("first_only: true ", "first_one: true "), ".stages[0]: additionalProperties"),
        (("hub_neighbours: 50", "hub_neighbors: 50"), ".identity: additionalProperties"),
        (("  - name: sal\n", "  - title: sal\n"), ".stages[3]: required"),
        (("small_n: 30 ", "small_n: 0 "), ".measures.small_n: minimum"),
        (("direct: inbound", "direct: inward"), ".origin.kinds.direct: enum"),
    ],
)
def test_it_finds_what_the_loader_would(replacement: tuple[str, str], where: str) -> None:
    assert where in wrong(yaml.safe_load(text(replacement)))


def test_a_condition_offers_every_field_with_what_it_is() -> None:
    fields = SCHEMA["$defs"]["fields"]["properties"]
    assert set(fields) == set(known_fields())
    assert "form_submitted" in fields["type"]["description"]
    assert fields["hot"]["description"] == "the lead is hot"


def test_it_is_the_same_in_every_process() -> None:
    """A set in it would be in another order each time."""
    assert "blocked_values" in SCHEMA["properties"]["identity"]["properties"]
    assert "default" not in SCHEMA["properties"]["identity"]
    assert SCHEMA["$defs"]["Measures"]["properties"]["vanished_after"]["default"] == "30 days"
