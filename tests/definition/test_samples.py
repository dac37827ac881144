from __future__ import annotations

from streams.definition.match import compile_when, known_fields
from streams.journey.samples import SAMPLES, outcomes
from streams.judge import TYPES
from tests.definition.changed import changed

FOUND = {one.sample.name: one for one in outcomes(changed().definition)}


def test_they_are_told_with_the_fields_of_public_events() -> None:
    for sample in SAMPLES:
        assert list(sample.events) == sorted(sample.events, key=lambda told: (told.day, told.clock))
        for told in sample.events:
            assert told.type in {"session", *TYPES["form"], *TYPES["crm"]}
            assert set(told.data) <= known_fields(), sample.name


def test_every_stage_is_reached_by_one_and_every_obligation_owed() -> None:
    definition = changed().definition
    assert {stage for one in FOUND.values() for stage in one.way} == {stage.name for stage in definition.stages}
    owed = {kind for one in FOUND.values() for kinds in one.owed.values() for kind in kinds}
    assert owed == set(definition.obligations)


def test_what_becomes_of_some_of_them() -> None:
    good = FOUND["asks for a demo, is called, buys"]
    assert (good.way[-1], good.origin, set(good.owed)) == ("customer", "marketing", {"met", "voided"})
    assert good.owed["voided"] == ["silent_deal", "aged"], "nothing more is owed of a deal that is won"
    assert FOUND["asks for a demo, nobody calls"].owed["leaking"] == ["untouched", "undecided"]
    assert FOUND["is found by a rep, and lost"].origin == "sales"


def test_another_definition_makes_something_else_of_them() -> None:
    strict = changed(("score_at_least: 60 ", "score_at_least: 100 ")).definition
    ways = {one.sample.name: one.way for one in outcomes(strict)}
    assert "mql" in FOUND["asks for a demo, nobody calls"].way
    assert "mql" not in ways["asks for a demo, nobody calls"]


def test_conditions_remember_how_they_were_written() -> None:
    assert compile_when({"type": "x"}).spec == {"type": "x"}
