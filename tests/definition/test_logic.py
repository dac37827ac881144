"""What is proved of conditions holds for whatever event comes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.definition import load_definition
from streams.definition.domains import SESSION, of_events
from streams.definition.logic import can_hold, covered
from streams.definition.match import compile_when
from streams.model import Value

EVENTS = of_events(load_definition())
TYPES = (SESSION, "form_submitted", "activity_logged")
WORDS = ("cpc", "cpcx", "email", "e", "CPC", "")
NUMBERS = (0, 1, 2)
VALUES: dict[str, tuple[Value | None, ...]] = {
    "type": TYPES,
    "utm_medium": (*WORDS, "xcpc", None),
    "campaign": (*WORDS, "xcpc", None),
    "pages": (*NUMBERS, 7, None),
    "rep_link": (True, False, None),
    "activity_direction": ("inbound", "outbound", "two_way", None),
}

some_words = st.lists(st.sampled_from(WORDS), max_size=3)
text_tests = st.one_of(
    st.sampled_from(["present", "absent"]),
    st.sampled_from(WORDS),
    some_words,
    *(st.fixed_dictionaries({verb: some_words}) for verb in ("not", "besides", "starts", "contains")),
)
number_tests = st.one_of(
    st.sampled_from(["present", "absent"]),
    st.sampled_from(NUMBERS),
    st.fixed_dictionaries({"min": st.sampled_from(NUMBERS)}),
    st.fixed_dictionaries({"max": st.sampled_from(NUMBERS)}),
    st.fixed_dictionaries({"not": st.lists(st.sampled_from(NUMBERS), max_size=2)}),
)
tests = st.fixed_dictionaries(
    {},
    optional={
        "type": st.lists(st.sampled_from(TYPES), max_size=2),
        "utm_medium": text_tests,
        "campaign": text_tests,
        "pages": number_tests,
        "rep_link": st.sampled_from([True, False, [True, False], "absent"]),
        "activity_direction": st.lists(st.sampled_from(["inbound", "outbound"])),
    },
).filter(bool)
conditions = st.one_of(tests, st.lists(tests, min_size=1, max_size=2))


def events_for(*specs: Any) -> Iterator[dict[str, Value]]:
    """Every event, as its schema allows it, that these conditions could tell from others."""
    asked = {field for spec in specs for one in (spec if isinstance(spec, list) else [spec]) for field in one}
    for kind in TYPES:
        fields = sorted(asked & EVENTS[kind].keys() - {"type"})
        for values in product(*map(VALUES.__getitem__, fields)):
            said = {field: value for field, value in zip(fields, values, strict=True) if value is not None}
            yield {"type": kind, **said}


@settings(max_examples=200, deadline=None)
@given(conditions)
def test_what_cannot_hold_never_does_and_what_can_does(spec: Any) -> None:
    when = compile_when(spec)
    assert can_hold(when, EVENTS) == any(map(when, events_for(spec)))


@settings(max_examples=300, deadline=None)
@given(conditions, st.lists(conditions, min_size=1, max_size=3))
@example({"utm_medium": ["cpc", "email"]}, [{"utm_medium": "CPC"}, {"utm_medium": {"starts": "e"}}])
@example({"utm_medium": {"starts": "cpc"}}, [{"utm_medium": {"starts": ["cpcx", "e"]}}])
@example({"utm_medium": {"contains": "cpc"}}, [{"utm_medium": {"starts": "cpc"}}])
def test_what_is_covered_never_holds_alone(spec: Any, earlier: list[Any]) -> None:
    when, others = compile_when(spec), [compile_when(one) for one in earlier]
    by = covered(when, others, EVENTS)
    if by is not None:
        alone = (one for one in events_for(spec, *earlier) if when(one) and not any(others[place](one) for place in by))
        assert next(alone, None) is None


def proved(spec: Any, *earlier: Any) -> bool:
    return covered(compile_when(spec), [compile_when(one) for one in earlier], EVENTS) is not None


def test_what_is_plain_to_see_is_proved() -> None:
    """The properties hold for a prover that proves nothing, too."""
    assert proved({"utm_medium": "cpc"}, {"utm_medium": ["ppc", "CPC"]})
    assert proved({"utm_medium": ["cpc", "ppc"]}, {"utm_medium": "cpc"}, {"utm_medium": "ppc"})
    assert proved({"utm_medium": "cpc", "utm_source": "x"}, {"utm_source": "x"})
    assert proved({"utm_medium": {"starts": ["google.com"]}}, {"utm_medium": {"starts": "google."}})
    assert proved({"utm_medium": {"contains": "newsletter"}}, {"utm_medium": {"contains": "news"}})
    assert proved({"utm_medium": {"besides": ["a", "b"]}}, {"utm_medium": {"besides": "a"}})
    assert proved({"utm_medium": {"starts": "b"}}, {"utm_medium": {"not": ["a"]}})
    assert proved({"pages": {"min": 3}}, {"pages": {"min": 2}})
    assert proved({"rep_link": [True, False]}, [{"rep_link": True}, {"rep_link": "absent"}], {"rep_link": [False]})
    assert proved({"type": "session"}, {"activity_kind": "absent"})
    assert not proved({"pages": {"min": 2}}, {"pages": {"min": 3}})
    assert not proved({"utm_medium": "present"}, {"utm_medium": {"not": "a"}})
    assert not proved({"type": "session"}, {"rep_link": True})


def possible(spec: Any) -> bool:
    return can_hold(compile_when(spec), EVENTS)


def test_what_can_plainly_never_be_is_known() -> None:
    assert not possible({"type": "sesion"})
    assert not possible({"type": "session", "form_kind": "contact"})
    assert not possible({"activity_direction": "sideways"})
    assert not possible({"company_size": 200})  # it is a text
    assert not possible({"pages": {"starts": "1"}})
    assert not possible({"utm_medium": {"contains": []}})
    assert not possible({"type": "opportunity_won", "deal_step": "moved"})
    assert possible([{"type": "sesion"}, {"type": "Session"}])
    assert possible({"type": "session", "form_kind": "absent"})
    assert possible({"company_size": "200"})
