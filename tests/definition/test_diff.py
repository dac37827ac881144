"""A change is found where it is, and nothing else; nothing is found exactly where the hash says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.definition import Definition
from streams.definition.diff import NOTHING, Change, changes
from streams.definition.load import content_hash
from tests.definition.changed import content

CONTENT = content()
STAGES = [stage["name"] for stage in CONTENT["stages"]]
KINDS = list(CONTENT["obligations"])
durations = st.builds("{} {}".format, st.integers(2, 90), st.sampled_from(["min", "hours", "days", "business hours"]))
words = st.text(st.characters(codec="ascii", categories=["L", "Zs"]), min_size=1, max_size=30)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, Callable[[Any], None]]:
    """Where, and a change of the content there that leaves it a definition."""
    stage, kind = draw(st.sampled_from(STAGES)), draw(st.sampled_from(KINDS))
    place = STAGES.index(stage)
    due, said = draw(durations), draw(words)
    points = draw(st.integers(0, 7))

    def put(*path: Any, value: Any) -> Callable[[Any], None]:
        def change(whole: Any) -> None:
            for part in path[:-1]:
                whole = whole[part]
            whole[path[-1]] = value

        return change

    some: list[tuple[str, Callable[[Any], None]]] = [
        (f"stages[{stage}].job_aid", put("stages", place, "job_aid", value=said + "!")),
        (f"stages[{stage}].activities", put("stages", place, "activities", value=[said])),
        (f"stages[{stage}].exit", put("stages", place, "exit", value=["junk"])),
        (f"statuses.{said}!", put("statuses", said + "!", value=stage)),
        (f"claims.{said}!", put("claims", said + "!", value="email")),
        ("committee_size", put("committee_size", value=points + 30)),
        ("measures.vanished_after", put("measures", "vanished_after", value="77 days")),
        (
            f"sales_ready.behaviour[{points}].points",
            put("sales_ready", "behaviour", points, "points", value=61),
        ),
        ("signatures.sales", put("signatures", "sales", value={"by": said, "date": "2026-01-31"})),
        ("channels[3].channel", put("channels", 3, "channel", value=said + "!")),
        (f"obligations.{kind}.due", put("obligations", kind, "due", value="1" + due)),
        ("origin.kinds.direct", put("origin", "kinds", "direct", value="outbound")),
        ("own_sites", put("own_sites", value=[said])),
        ("calendars.britain.business_day", put("calendars", "britain", "business_day", value="7 hours")),
    ]
    chosen: tuple[str, Callable[[Any], None]] = draw(st.sampled_from(some))
    return chosen


@settings(max_examples=150, deadline=None)
@given(mutations())
def test_one_change_is_one_line_at_its_place_and_another_hash(mutation: tuple[str, Callable[[Any], None]]) -> None:
    path, change = mutation
    other = content()
    change(other)
    if path.endswith(".due") and "business" in json.dumps(other["obligations"]):  # the clocks of warn and due are one
        other["obligations"][path.split(".")[1]].pop("warn", None)
    Definition.model_validate(other)
    found = changes(CONTENT, other)
    assert [one.path for one in found if not one.path.endswith(".warn")] == [path]
    assert content_hash(other) != content_hash(CONTENT)
    back = changes(other, CONTENT)
    assert sorted((one.path, str(one.new), str(one.old)) for one in back) == sorted(
        (one.path, str(one.old), str(one.new)) for one in found
    )


values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["a", "1", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "x", "y"]), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(st.sampled_from("abc"), values), st.dictionaries(st.sampled_from("abc"), values))
@example({"a": [{"name": "x"}, {"name": "y"}]}, {"a": [{"name": "y"}, {"name": "x"}]})
@example({"a": 1}, {"a": True})
@example({"a": [1, {"x": 1, "y": 2}]}, {"a": [1, {"y": 2, "x": 1}]})
@example({"a": []}, {"a": {}})
def test_nothing_changed_exactly_where_the_hash_is_one(old: Any, new: Any) -> None:
    assert (changes(old, new) == []) == (content_hash(old) == content_hash(new))


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        ({"a": 1, "b": 2, "c": 3}, {"a": 1, "d": 4, "c": 5}, ["- b: 2", "+ d: 4", "  c: 3 -> 5"]),
        ({"a": {"b": None}}, {"a": {"b": "7 days"}}, ["  a.b: null -> 7 days"]),
        ({"a": ["x", "y"]}, {"a": ["x"]}, ["  a: [x, y] -> [x]"]),
        ({"a": [{"p": 1}, {"p": 2}]}, {"a": [{"p": 0}, {"p": 1}, {"p": 2}]}, ["+ a[0]: {p: 0}"]),
        ({"a": [{"p": 1}, {"p": 2}]}, {"a": [{"p": 2}]}, ["- a[0]: {p: 1}"]),
        ({"a": [{"p": 1, "q": 2}]}, {"a": [{"p": 1, "q": 3}]}, ["  a[0].q: 2 -> 3"]),
        (
            {"a": [{"name": "x", "p": 1}, {"name": "y"}]},
            {"a": [{"name": "y"}, {"name": "x", "p": 2}, {"name": "z"}]},
            ["  a (order): [x, y] -> [y, x]", "  a[x].p: 1 -> 2", "+ a[z]: {name: z}"],
        ),
        ({"a": "8"}, {"a": 8}, ['  a: "8" -> 8']),
        ({"a": "yes "}, {"a": "yes"}, ['  a: "yes " -> yes']),
        ({"a": ["x, y"]}, {"a": "x, y"}, ['  a: ["x, y"] -> x, y']),
    ],
)
def test_a_change_reads_like_the_file(old: Any, new: Any, found: list[str]) -> None:
    assert [str(change) for change in changes(old, new)] == found


def test_what_is_not_there_is_no_value() -> None:
    assert changes({}, {"a": None}) == [Change("a", NOTHING, None)]
