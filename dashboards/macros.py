"""Expands what a query leaves open: the period, and the chosen values of its variables.

Queries are written as Grafana's ClickHouse plugin reads them, so one text serves both:
`$__timeFilter(column)`, `$__dateFilter(column)` (of a Date: whole days), `$__fromTime`, `$__toTime`,
`$__timeInterval(column)`,
`$__conditionalAll(condition, $variable)` (the condition, or 1=1 where the variable is at all) and
`${variable:singlequote}` (its values as quoted literals).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

LONGEST_VALUE = 200
MOST_VALUES = 100


class BadValue(ValueError):
    """A variable was given something that no value of it can be."""


class BadMacro(ValueError):
    """The query itself is wrong: an unknown macro, or one without its end."""


@dataclass(frozen=True, slots=True)
class Period:
    """A span that ends now. `since` and `bucket` are ClickHouse intervals; `since` empty is all there is."""

    name: str
    label: str
    since: str
    bucket: str
    each: str


PERIODS: dict[str, Period] = {
    p.name: p
    for p in (
        Period("24h", "24 hours", "24 HOUR", "1 HOUR", "hour"),
        Period("7d", "7 days", "7 DAY", "1 DAY", "day"),
        Period("30d", "30 days", "30 DAY", "1 DAY", "day"),
        Period("90d", "90 days", "90 DAY", "1 WEEK", "week"),
        Period("12m", "12 months", "12 MONTH", "1 MONTH", "month"),
        Period("all", "All", "", "1 MONTH", "month"),
    )
}
DEFAULT_PERIOD = PERIODS["30d"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody looks at. A variable that is absent is at all; an empty string is a value like others."""

    period: Period = DEFAULT_PERIOD
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


def quoted(value: str) -> str:
    """The value as a ClickHouse string literal.

    Raises BadValue for control characters and for what is longer than any value here.
    """
    if len(value) > LONGEST_VALUE or any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise BadValue("not a value that can be looked for")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def expand(sql: str, scope: Scope) -> str:
    """The query as ClickHouse takes it. Raises BadValue or BadMacro."""
    return _expand(sql, scope)


def _from_time(scope: Scope) -> str:
    if not scope.period.since:
        return "toDateTime64('1971-01-01 00:00:00', 6, 'UTC')"
    return f"(funnel_now() - INTERVAL {scope.period.since})"


def _time_filter(arguments: list[str], scope: Scope) -> str:
    column = arguments[0]
    return f"({column} >= {_from_time(scope)} AND {column} <= funnel_now())"


def _date_filter(arguments: list[str], scope: Scope) -> str:
    column = arguments[0]
    return f"({column} >= toDate({_from_time(scope)}) AND {column} <= toDate(funnel_now()))"


def _time_interval(arguments: list[str], scope: Scope) -> str:
    return f"toDateTime(toStartOfInterval({arguments[0]}, INTERVAL {scope.period.bucket}), 'UTC')"


def _conditional_all(arguments: list[str], scope: Scope) -> str:
    condition, variable = arguments
    return condition if scope.values.get(variable.removeprefix("$")) else "1=1"


# name → (number of arguments, what it becomes); arguments come expanded, except where they may fall away
_MACROS: dict[str, tuple[int, Callable[[list[str], Scope], str]]] = {
    "timeFilter": (1, _time_filter),
    "dateFilter": (1, _date_filter),
    "timeInterval": (1, _time_interval),
    "fromTime": (0, lambda _, scope: _from_time(scope)),
    "toTime": (0, lambda _, __: "funnel_now()"),
    "conditionalAll": (2, _conditional_all),
}
_OPENING = re.compile(r"\$__(\w+)|\$\{(\w+):singlequote\}")


def _expand(sql: str, scope: Scope) -> str:
    out: list[str] = []
    at = 0
    while found := _OPENING.search(sql, at):
        out.append(sql[at : found.start()])
        macro, variable = found.groups()
        if variable:
            out.append(_literals(variable, scope))
            at = found.end()
            continue
        if macro not in _MACROS:
            raise BadMacro(f"unknown macro $__{macro}")
        count, become = _MACROS[macro]
        arguments, at = _arguments(sql, found.end(), macro) if count else ([], found.end())
        if len(arguments) != count:
            raise BadMacro(f"$__{macro} takes {count} argument(s), not {len(arguments)}")
        out.append(_expand(become(arguments, scope), scope))
    out.append(sql[at:])
    return "".join(out)


def _literals(variable: str, scope: Scope) -> str:
    values = scope.values.get(variable, ())
    if not values:
        raise BadMacro(f"${{{variable}}} is used where it may be at all")
    if len(values) > MOST_VALUES:
        raise BadValue(f"more than {MOST_VALUES} values for {variable}")
    return ", ".join(quoted(v) for v in values)


def _arguments(sql: str, start: int, macro: str) -> tuple[list[str], int]:
    """The arguments of the macro whose name ends at `start`, and where its closing parenthesis ends."""
    if sql[start : start + 1] != "(":
        raise BadMacro(f"$__{macro} needs an opening parenthesis")
    depth, quote, begin = 0, "", start + 1
    arguments: list[str] = []
    at = start
    while at < len(sql):
        c = sql[at]
        if quote:
            if c == "\\":
                at += 1
            elif c == quote:
                quote = ""
        elif c in "'`\"":
            quote = c
        elif c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
        if not quote and ((c == "," and depth == 1) or (c == ")" and depth == 0)):
            arguments.append(sql[begin:at].strip())
            begin = at + 1
            if depth == 0:
                return arguments, at + 1
        at += 1
    raise BadMacro(f"$__{macro} has no closing parenthesis")
