"""Conditions over the facts of an event, as the definition file writes them.

A condition is a mapping of fields to tests, all of which must pass; a list of mappings passes if one of them does.
A test is a value or a list of values (text without regard to case), `present`, `absent`, or one of
`{not: value or list}`, `{besides: value or list}` (present, and none of these), `{starts: list}`, `{contains: list}`,
`{min: n}`, `{max: n}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from pydantic import PlainValidator, WithJsonSchema

from streams.model import Value

Facts = Mapping[str, Value]
Check = Callable[[Value | None], bool]
Tests = tuple[tuple[str, Check], ...]
T = TypeVar("T")
_Narrowed = tuple[tuple[Tests, ...], T]  # what is left of a rule once the event's type is known
_OfType = tuple[tuple[str, ...], tuple[_Narrowed[T], ...], dict[tuple[Value | None, ...], tuple[T, ...]]]
"""The fields that the rules look at, the rules, and the answers that are remembered."""
_REMEMBERED = 5_000

# What the journey knows about an event besides the fields of its schema.
DERIVED_FIELDS = {
    "becomes": "the stage that the record's CRM status turned to with this event",
    "deal_kind_then": "the deal's kind as said by then (deal_kind is what was last said, before and after alike)",
    "deal_step": "opened, moved, same, won, lost: what the event did to its deal",
    "open_deals": "how many new-business deals are open after the event",
    "live_records": "how many CRM records of the person are live after the event (said when one goes)",
    "owner_change": "found (in a snapshot), taken (by the new owner), given (by others, where no person had it),"
    " passed_on (from one person to another), put_back (no person has it now)",
    "opts_out": "true when the opt-out turned on with this event",
    "referrer_host": "host of the referrer, without www.",
    "email_domain": "domain of the person's e-mail",
    "pages": "pages of the session",
    "pricing_pages": "pricing pages of the session",
    "demo_pages": "demo pages of the session",
    "size_band": "the company's size band",
    "hot": "the lead is hot",
    "score": "the lead's score",
    "origin": "the lead's origin",
    "channel": "the lead's channel",
}
PERSONAL = {"email", "name", "phone"}


@cache
def known_fields() -> frozenset[str]:
    """Every field that a condition may name: the event schemas' own, and the derived ones."""
    names = set(DERIVED_FIELDS)
    for schema in ("web", "form", "crm"):
        declared = json.loads(files("schemas").joinpath("events", f"{schema}.avsc").read_text(encoding="utf-8"))
        names.update(field["name"] for field in declared["fields"])
    return frozenset(names - PERSONAL)


class Alternative(NamedTuple):
    """`types`: the event types that it can hold for, None if any; `tests` are all others."""

    types: frozenset[str] | None
    tests: Tests


class When:
    """A compiled condition: call it with facts. `types` are the event types it can hold for, None if any; `spec` is the
    condition as written."""

    __slots__ = ("_whole", "alternatives", "spec", "types")

    def __init__(self, alternatives: Iterable[Alternative], spec: Any) -> None:
        self.alternatives = tuple(alternatives)
        self.spec = spec
        types = [one.types for one in self.alternatives]
        self.types = None if None in types else frozenset(name for names in types for name in names or ())
        self._whole = tuple(
            one.tests if one.types is None else (("type", _one_of(sorted(one.types))), *one.tests)
            for one in self.alternatives
        )

    def __call__(self, facts: Facts) -> bool:
        return _any_holds(self._whole, facts)


def compile_when(spec: object) -> When:
    """Raise ValueError, in words for the definition's author, if `spec` is no condition."""
    if isinstance(spec, When):
        return spec
    mappings = spec if isinstance(spec, list) else [spec]
    if not mappings:
        raise ValueError("an empty list of conditions never holds")
    return When((_compile_mapping(mapping) for mapping in mappings), spec)


def _compile_mapping(mapping: Any) -> Alternative:
    if not isinstance(mapping, dict) or not mapping:
        raise ValueError("a condition is a mapping of fields to tests, e.g. {type: form_submitted}")
    types = None
    tests = []
    for field, test in mapping.items():
        if field not in known_fields():
            raise ValueError(f"no event has a field {field!r}")
        if field == "type" and not isinstance(test, dict) and test not in ("present", "absent"):
            types = frozenset(_texts(test))
        else:
            tests.append((field, compile_test(field, test)))
    return Alternative(types, tuple(tests))


def compile_test(field: str, test: Any) -> Check:
    """Raise ValueError, in words for the definition's author, if `test` is none."""
    if test == "present":
        return lambda value: value is not None and value != ""
    if test == "absent":
        return lambda value: value is None or value == ""
    if isinstance(test, dict):
        if len(test) != 1:
            raise ValueError(f"{field}: one test per field")
        ((verb, operand),) = test.items()
        return _compile_verb(field, str(verb), operand)
    return _one_of(test)


def _compile_verb(field: str, verb: str, operand: Any) -> Check:
    match verb:
        case "not":
            inner = _one_of(operand)
            return lambda value: not inner(value)
        case "besides":
            others = _one_of(operand)
            return lambda value: value is not None and value != "" and not others(value)
        case "starts":
            starts = tuple(_texts(operand))
            return lambda value: isinstance(value, str) and value.casefold().startswith(starts)
        case "contains":
            parts = tuple(_texts(operand))
            return lambda value: isinstance(value, str) and any(part in value.casefold() for part in parts)
        case "min" | "max":
            bound = _number(field, operand)
            if verb == "min":
                return lambda value: isinstance(value, (int, float)) and value >= bound
            return lambda value: isinstance(value, (int, float)) and value <= bound
    raise ValueError(f"{field}: no test is called {verb!r}; there are not, besides, starts, contains, min, max")


def _one_of(test: Any) -> Check:
    wanted = test if isinstance(test, list) else [test]
    for one in wanted:
        if not isinstance(one, (str, int, float)):
            raise ValueError(f"{one!r} is no value to compare with")
    values = frozenset(one.casefold() if isinstance(one, str) else one for one in wanted)
    return lambda value: (value.casefold() if isinstance(value, str) else value) in values


def _texts(operand: Any) -> list[str]:
    wanted = operand if isinstance(operand, list) else [operand]
    for one in wanted:
        if not isinstance(one, str):
            raise ValueError(f"{one!r} is no text")
    return [one.casefold() for one in wanted]


def _number(field: str, operand: Any) -> float:
    if isinstance(operand, bool) or not isinstance(operand, (int, float)):
        raise ValueError(f"{field}: {operand!r} is no number")
    return operand


Condition = Annotated[When, PlainValidator(compile_when), WithJsonSchema({"x-is": "condition"})]


class ByType(Generic[T]):
    """Conditions with something behind each, asked in order; those of another event type are not even asked.

    Answers are remembered: events are many, but what the conditions look at is mostly the same.
    """

    def __init__(self, rules: Iterable[tuple[When, T]]) -> None:
        self._rules = tuple(rules)
        self._of_type: dict[str, _OfType[T]] = {}

    def all(self, facts: Facts) -> tuple[T, ...]:
        kind = str(facts.get("type", ""))
        fields, rules, answers = self._of_type.get(kind) or self._narrowed(kind)
        # Equal values pass the same tests, also 1 and true.
        asked = tuple(map(facts.get, fields))
        answer = answers.get(asked)
        if answer is None:
            answer = tuple([found for alternatives, found in rules if _any_holds(alternatives, facts)])
            if len(answers) >= _REMEMBERED:
                answers.clear()
            answers[asked] = answer
        return answer

    def first(self, facts: Facts) -> T | None:
        found = self.all(facts)
        return found[0] if found else None

    def _narrowed(self, kind: str) -> _OfType[T]:
        rules = tuple(self._of(kind.casefold()))
        fields = {field for alternatives, _ in rules for tests in alternatives for field, _ in tests}
        found: _OfType[T] = (tuple(sorted(fields)), rules, {})
        if len(self._of_type) < 100:  # types are few, but they come from outside
            self._of_type[kind] = found
        return found

    def _of(self, kind: str) -> Iterator[_Narrowed[T]]:
        for when, found in self._rules:
            tests = tuple(one.tests for one in when.alternatives if one.types is None or kind in one.types)
            if tests:
                yield tests, found


def _any_holds(alternatives: tuple[Tests, ...], facts: Facts) -> bool:
    get = facts.get
    for tests in alternatives:
        for field, check in tests:
            if not check(get(field)):
                break
        else:
            return True
    return False
