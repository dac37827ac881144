"""What is proved of conditions holds for whatever event comes."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.definition import load_definition
from streams.definition.domains import SESSION, Fields, of_events
from streams.definition.logic import can_hold, covered
from streams.definition.match import compile_when
from streams.model import Value

EVENTS = of_events(load_definition())
TYPES = (SESSION, "form_submitted", "activity_logged", "opportunity_won")
WORDS = ("cpc", "cpcx", "email", "e", "CPC", "")
NUMBERS = (0, 1, 2, 3)
TEXTS = ("utm_medium", "campaign", "activity_kind")
FINITE = {
    "rep_link": (True, False),
    "activity_direction": ("inbound", "outbound", "two_way"),
    "deal_step": ("won", "moved"),
}
COUNTS = ("pages", "open_deals")

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
        "type": st.one_of(st.sampled_from(TYPES), st.lists(st.sampled_from(TYPES), max_size=2)),
        **dict.fromkeys(TEXTS, text_tests),
        **dict.fromkeys(COUNTS, number_tests),
        **{
            name: st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values)), st.just("absent"))
            for name, values in FINITE.items()
        },
    },
).filter(bool)
conditions = st.one_of(tests, st.lists(tests, min_size=1, max_size=2))


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Value]:
    """An event as its schema allows it."""
    kind = draw(st.sampled_from(TYPES))
    fields: Fields = EVENTS[kind]
    found: dict[str, Value] = {"type": kind}
    for name in TEXTS:
        if name in fields and draw(st.booleans()):
            found[name] = draw(st.sampled_from((*WORDS, "zzz")))
    for name in COUNTS:
        if name in fields and draw(st.booleans()):
            found[name] = draw(st.sampled_from((*NUMBERS, 7)))
    for name in FINITE:
        values = [value for value in fields[name].values if value is not None] if name in fields else []
        if draw(st.booleans()) and values:
            found[name] = draw(st.sampled_from(values))
    return found


@settings(max_examples=400, deadline=None)
@given(conditions, st.lists(facts(), min_size=20, max_size=20))
def test_what_cannot_hold_never_does(spec: Any, events: list[dict[str, Value]]) -> None:
    when = compile_when(spec)
    if not can_hold(when, EVENTS):
        assert not [event for event in events if when(event)]


@settings(max_examples=400, deadline=None)
@given(conditions, st.lists(conditions, min_size=1, max_size=3), st.lists(facts(), min_size=20, max_size=20))
@example({"utm_medium": ["cpc", "email"]}, [{"utm_medium": "CPC"}, {"utm_medium": {"starts": "e"}}], [])
def test_what_is_covered_never_holds_alone(spec: Any, earlier: list[Any], events: list[dict[str, Value]]) -> None:
    when, others = compile_when(spec), [compile_when(one) for one in earlier]
    by = covered(when, others, EVENTS)
    if by is not None:
        assert not [event for event in events if when(event) and not any(others[one](event) for one in by)]


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
