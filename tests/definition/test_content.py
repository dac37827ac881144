"""The whole definition as JSON is a definition file that says the same; in words it leaves nothing out."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.definition import DefinitionError
from streams.definition.calendar import Calendar
from streams.definition.content import content_of
from streams.definition.duration import parse_duration, wall_text
from streams.definition.load import parse_definition
from streams.definition.measures import Measures
from streams.definition.model import Clause
from streams.definition.origins import Origin
from streams.definition.words import clause, condition
from streams.journey.samples import outcomes
from tests.definition.changed import FILE, SIGNED, TEXT, changed

DEFAULT = changed().definition


@pytest.mark.parametrize("replacements", [(), (SIGNED,), (("calendar: britain", "calendar: us_east"),)])
def test_the_content_is_a_file_that_says_the_same(replacements: tuple[tuple[str, str], ...]) -> None:
    definition = changed(*replacements).definition
    content = content_of(definition)
    again = parse_definition(json.dumps(content), FILE)
    assert content_of(again) == content
    assert list(outcomes(again)) == list(outcomes(definition))


def test_what_goes_without_saying_is_said() -> None:
    start = TEXT.index("# ── 9.")
    text = TEXT[:start].replace("committee_size: 21", "").replace("  kinds: {marketing", "  # kinds: {marketing")
    content = content_of(parse_definition(text.replace("  generated_by: {", "  # "), FILE))
    assert content == content_of(DEFAULT)
    assert content["measures"]["influence_look_back"] == "24 months"
    assert content["obligations"]["capture_gap"]["of"] == "lead"


def test_the_defaults_of_the_code_are_those_of_the_file() -> None:
    assert DEFAULT.measures == Measures()
    fields = Origin.model_fields
    assert (DEFAULT.origin.kinds, DEFAULT.origin.generated_by) == (
        fields["kinds"].default,
        fields["generated_by"].default,
    )
    assert DEFAULT.committee_size == type(DEFAULT).model_fields["committee_size"].default


@example(1_000_001, "second")
@given(st.integers(1, 10**6), st.sampled_from(["second", "minute", "hour", "day", "month", "year"]))
def test_the_text_of_a_time_is_that_time(count: int, unit: str) -> None:
    micros = parse_duration(f"{count} {unit}").micros
    assert parse_duration(wall_text(micros)).micros == micros


@pytest.mark.parametrize(
    ("micros", "text"), [(15 * 60 * 10**6, "15 minutes"), (86400 * 10**6, "1 day"), (1500000, "1.5 seconds")]
)
def test_times_are_told_in_the_largest_unit(micros: int, text: str) -> None:
    assert wall_text(micros) == text


def test_every_stage_of_the_default_says_what_to_do_and_how() -> None:
    for stage in DEFAULT.stages:
        assert stage.activities
        assert len(stage.job_aid) > 60, stage.name
        assert stage.exit or stage.name == "customer"


@pytest.mark.parametrize(
    ("replacement", "at", "said"),
    [
        (("exit: [inquiry]\n", "exit: [inquirer]\n"), "stages[0].exit", "there is no stage or moment 'inquirer'"),
        (("marketing: marketing, sales: sales}", "marketing: us}"), "origin.generated_by.marketing", "'marketing' or"),
        (("direct: inbound", "walkin: inbound"), "origin.kinds.walkin", "'direct'"),
        (("small_n: 30 ", "small_n: 0 "), "measures.small_n", "greater than or equal to 1"),
        (("satisfied_at: 0.9 ", "satisfied_at: 90 "), "measures.satisfied_at", "less than or equal to 1"),
        (("regret_within: 24 months", "regret_within: 24 business days"), "measures.regret_within", "business"),
        (("committee_size: 21", "committee_size: many"), "committee_size", "integer"),
    ],
)
def test_mistakes_in_what_is_new_are_placed(replacement: tuple[str, str], at: str, said: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        changed(replacement)
    assert caught.value.path.startswith(at)
    assert said in str(caught.value)
    assert caught.value.line > 1


def test_all_mistakes_are_told() -> None:
    with pytest.raises(DefinitionError, match=r"\(and 1 more\)$") as caught:
        changed(("small_n: 30 ", "small_n: 0 "), ("satisfied_at: 0.9 ", "satisfied_at: 90 "))
    assert [line.split(": ")[1] for line in caught.value.mistakes] == ["measures.small_n", "measures.satisfied_at"]


def calendar(**hours: object) -> Calendar:
    week = {name.replace("_", "-"): span for name, span in hours.items()}
    return Calendar.model_validate(
        {"zone": "Europe/Berlin", "hours": week, "business_day": "8 hours", "holidays": ["12-25", date(2026, 4, 3)]}
    )


def test_a_calendar_is_written_as_it_is_read() -> None:
    made = calendar(mon_thu="09:00-17:00", fri=["09:00-12:00", "13:00-15:00"])
    assert made.written()["hours"] == {"mon-thu": "09:00-17:00", "fri": ["09:00-12:00", "13:00-15:00"]}
    assert Calendar.model_validate(made.written()) == made


def test_working_days_are_those_on_which_the_office_opens() -> None:
    days = calendar(mon_fri="09:00-17:00").working_days(date(2026, 4, 1), date(2026, 4, 7))
    assert [day.day for day in days] == [1, 2, 6, 7], "Good Friday and a weekend between"


def test_an_office_that_never_opens_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="never opens"):
        calendar(mon_fri=[])


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"type": "form_submitted", "form_kind": ["event", "contact"]}, "form submitted, form kind event or contact"),
        ([{"type": "session"}, {"pages": {"max": 2}}], "session; or pages at most 2"),
        ({"hot": True, "rep_link": False}, "hot, not rep link"),
        ({"utm_medium": "present", "reason": "absent"}, "with utm medium, without reason"),
        ({"reason": {"besides": ["other", "none"]}}, "with reason other than other or none"),
        ({"reason": {"not": "other"}}, "reason not other"),
        ({"referrer_host": {"starts": ["a.", "b."]}}, "referrer host beginning with a. or b."),
        ({"job_title": {"contains": "head"}, "score": {"min": 3}}, "job title with head in it, score at least 3"),
    ],
)  # fmt: skip
def test_conditions_in_words(spec: object, words: str) -> None:
    assert condition(spec) == words


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Clause(enters=("sal", "aside")), "enters sal or a stage aside"),
        (Clause(enters=("later",), note="x"), "enters a later stage"),
        (Clause(next="deal_step"), "the next deal step"),
        (Clause(has="person_owner"), "a person owns it"),
        (Clause(has="had_owner"), "a person had it in this cycle by then"),
    ],
)
def test_clauses_in_words(one: Clause, words: str) -> None:
    assert clause(one) == words
