from __future__ import annotations

from pathlib import Path

import pytest

from streams.definition import Definition, DefinitionError, load_definition, parse_definition
from streams.definition.duration import parse_duration
from streams.definition.load import DEFAULT_PATH
from streams.definition.match import compile_when
from streams.model import DAY, HOUR, MINUTE
from tests.journey.dsl import DEFINITION, journey

TEXT = DEFAULT_PATH.read_text(encoding="utf-8")
FILE = Path("lead.yaml")


def changed(old: str, new: str) -> Definition:
    assert TEXT.count(old) == 1
    return parse_definition(TEXT.replace(old, new), FILE)


def test_the_version_is_of_the_content_not_of_its_layout() -> None:
    assert len(DEFINITION.version) == 12
    assert int(DEFINITION.version, 16) >= 0
    assert parse_definition(TEXT + "\n# a comment\n", FILE).version == DEFINITION.version
    assert changed("due: 7 days ", "due: 8 days ").version != DEFINITION.version


def test_both_departments_sign() -> None:
    assert not DEFINITION.signed
    one = TEXT.replace("marketing: null", "marketing: {by: Ada, date: 2026-01-31}", 1)
    assert not parse_definition(one, FILE).signed
    both = parse_definition(one.replace("  sales: null", "  sales: {by: Bo, date: 2026-02-01}", 1), FILE)
    assert both.signed
    assert journey("mon 09:00 form content", both).lead["definition_signed"] == 1


def test_one_more_leak_is_one_entry() -> None:
    definition = changed(
        "obligations:\n",
        """obligations:
  no_meeting:
    owed_by: sales
    opened_by: {enters: sql}
    met_by: [{does: sales_touch}]
    due: 2 business days
""",
    )
    told = journey("mon 10:00 converted 003A", definition)
    assert told.times("no_meeting") == "mon 10:00 → wed 10:00"


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("due: 7 days ", "due: 7 dayz ", "obligations.unnurtured.due[0].within", "no duration"),
        ("  unnurtured:\n", "  unnurtured:\n    colour: red\n", "obligations.unnurtured.colour", "no such entry"),
        ("enter: [response]", "enter: [answer]", "stages[1].enter", "no moment 'answer'"),
        (
            "opened_by: {enters: sal}",
            "opened_by: {enters: sall}",
            "obligations.qualification_stall.opened_by",
            "'sall'",
        ),
        ("  MQL: mql\n", "  MQL: mqll\n", "statuses.MQL", "no stage 'mqll'"),
        ("calendar: britain", "calendar: mars", "regions.uk_ireland.calendar", "no calendar 'mars'"),
        ("zone: Europe/London", "zone: Europe/Londn", "calendars.britain.zone", "no time zone"),
        ("visit: {type: session}", "visit: {typ: session}", "moments.visit", "no event has a field 'typ'"),
        ("pages: {min: 5}", "pages: {least: 5}", "sales_ready.behaviour[7].when", "no test is called 'least'"),
        ("utm_medium: referral", "email: a@b.c", "channels[8].when", "no event has a field 'email'"),
        ("hub_neighbours: 50", "hub_neighbors: 50", "identity.hub_neighbors", "no such guard"),
        ("  look_back: 24 months", "  look_back: 2 business days", "origin.look_back", "only wall-clock time"),
        ("warn: 1 business day", "warn: 1 day", "obligations.undecided.warn", "both business time"),
        (
            "[{has: live_record}]",
            "[{has: live_record, does: form}]",
            "obligations.capture_gap.met_by[0]",
            "exactly one",
        ),
        ("  unrouted:\n", "  untouched:\n", "obligations.untouched", "stands here twice"),
        ("direct: [direct_traffic]", "direct: [direct_traffic", "", ""),
    ],
)
def test_a_mistake_names_file_line_and_path_in_one_line(old: str, new: str, path: str, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        changed(old, new)
    error = caught.value
    assert (error.file, "\n" in str(error)) == (FILE, False)
    assert error.path == path
    assert message in str(error)
    assert str(error).startswith(f"lead.yaml:{error.line}: ")
    wrong = TEXT.replace(old, new)
    if path:
        assert error.line == wrong[: wrong.rindex(new.strip().splitlines()[-1])].count("\n") + 1


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(DefinitionError, match=r"^/nowhere/x\.yaml:0: cannot be read"):
        load_definition(Path("/nowhere/x.yaml"))


def test_an_empty_file() -> None:
    with pytest.raises(DefinitionError, match=r"^lead\.yaml:1: is empty"):
        parse_definition("# nothing\n", FILE)


@pytest.mark.parametrize(
    ("text", "clock", "length"),
    [
        ("15 min", "wall", 15 * MINUTE),
        ("24 hours", "wall", DAY),
        ("1.5 days", "wall", 36 * HOUR),
        ("30 business minutes", "business", 30 * MINUTE),
        ("2 business days", "business", 16 * HOUR),
        ("24 months", "wall", 730 * DAY),
    ],
)
def test_durations(text: str, clock: str, length: int) -> None:
    duration = parse_duration(text)
    assert (duration.clock, duration.length(8 * HOUR)) == (clock, length)


@pytest.mark.parametrize("text", ["", "5", "min", "-5 min", "5 parsecs", "1 business week", 5, None])
def test_no_durations(text: object) -> None:
    with pytest.raises(ValueError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("spec", "facts", "holds"),
    [
        ({"type": "a"}, {"type": "A"}, True),
        ({"type": ["a", "b"]}, {"type": "b"}, True),
        ({"type": "a", "pages": {"min": 2}}, {"type": "a", "pages": 1}, False),
        ([{"type": "a"}, {"pages": {"max": 2}}], {"type": "x", "pages": 2}, True),
        ({"reason": {"not": "other"}}, {}, True),
        ({"reason": {"besides": "other"}}, {}, False),
        ({"reason": {"besides": "other"}}, {"reason": "Other"}, False),
        ({"reason": {"besides": "other"}}, {"reason": "price"}, True),
        ({"reason": "present"}, {"reason": ""}, False),
        ({"reason": "absent"}, {"reason": ""}, True),
        ({"job_title": {"contains": ["head", "chief"]}}, {"job_title": "Head of X"}, True),
        ({"click_id": {"starts": "gclid"}}, {"click_id": "GCLID:1"}, True),
        ({"hot": True}, {"hot": False}, False),
    ],
)
def test_conditions(spec: object, facts: dict[str, object], holds: bool) -> None:
    assert compile_when(spec)(facts) is holds  # type: ignore[arg-type]


def test_identity_guards() -> None:
    rules = changed("own_domains: []", "own_domains: [Example.com]").identity_rules
    assert rules.own_domains == {"example.com"}
    assert rules.look_back == 90 * DAY
