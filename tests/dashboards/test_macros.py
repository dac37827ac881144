from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.macros import PERIODS, BadMacro, BadValue, Scope, expand, quoted
from sinks.reader import BoardsReader

ALL_TIME, DAY = PERIODS["all"], PERIODS["24h"]


def test_time_macros_end_at_the_boards_clock() -> None:
    assert expand("$__timeFilter(o.due_at)", Scope(DAY)) == (
        "(o.due_at >= (funnel_now() - INTERVAL 24 HOUR) AND o.due_at <= funnel_now())"
    )
    assert expand("$__dateFilter(day)", Scope(DAY)) == (
        "(day >= toDate((funnel_now() - INTERVAL 24 HOUR)) AND day <= toDate(funnel_now()))"
    )
    assert "1971" in expand("$__fromTime", Scope(ALL_TIME))
    assert expand("$__toTime", Scope(DAY)) == "funnel_now()"
    assert "INTERVAL 1 MONTH" in expand("$__timeInterval(due_at)", Scope(ALL_TIME))


def test_a_variable_at_all_leaves_no_condition() -> None:
    sql = "$__conditionalAll(channel IN (${channel:singlequote}), $channel)"
    assert expand(sql, Scope()) == "1=1"
    assert expand(sql, Scope(values={"channel": ("",)})) == "channel IN ('')"
    assert expand(sql, Scope(values={"channel": ("a", "b")})) == "channel IN ('a', 'b')"


def test_macros_stand_inside_macros() -> None:
    sql = "$__conditionalAll(if(a IN ('x)', ${k:singlequote}), $__timeFilter(f(b, c)), 1), $k)"
    assert expand(sql, Scope(DAY, {"k": ("v",)})) == (
        "if(a IN ('x)', 'v'), (f(b, c) >= (funnel_now() - INTERVAL 24 HOUR) AND f(b, c) <= funnel_now()), 1)"
    )


def test_a_value_is_never_read_as_a_macro() -> None:
    value = "$__fromTime ${other:singlequote}"
    sql = "$__conditionalAll(c IN (${c:singlequote}), $c)"
    assert expand(sql, Scope(values={"c": (value,)})) == f"c IN ('{value}')"


@pytest.mark.parametrize(
    "sql", ["$__nothing(a)", "$__timeFilter(a", "$__timeFilter", "$__timeFilter(a, b)", "${v:singlequote}"]
)
def test_a_wrong_macro_is_named(sql: str) -> None:
    with pytest.raises(BadMacro):
        expand(sql, Scope())


@pytest.mark.parametrize("value", ["a\x00b", "line\nbreak", "x" * 201])
def test_impossible_values_are_refused(value: str) -> None:
    with pytest.raises(BadValue):
        quoted(value)


text = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30) | st.sampled_from(
    ["\\", "\\'", "' OR 1=1 --", "'; DROP TABLE x", "\\\\'", "{a:String}", "%s", "/*", "ä€😀", "`", '"']
)


@settings(max_examples=40, deadline=None)
@given(value=text)
def test_any_value_comes_back_from_the_engine_as_it_is(reader: BoardsReader, value: str) -> None:
    assert reader.query(f"SELECT {quoted(value)} AS v FROM boards.clock").rows == [(value,)]
