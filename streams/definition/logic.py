"""What can be proved of conditions without any event: that none can hold, that one holds whenever another does.

Both are claimed only where they are certain: `can_hold` is False, and `covered` not None, for no pair of conditions for
which an event exists that says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from streams.definition.domains import NEVER, Domain, Fields
from streams.definition.match import Check, When, compile_test
from streams.model import Value

_OTHER = "\ufffd any other text"
_CASES = 300  # into which a condition is split at most
Tests = Mapping[str, "Test"]


class Test(NamedTuple):
    """`verb` is `is` for a value or a list of values; texts among the operands are in lower case."""

    verb: str
    operands: tuple[Value, ...]
    holds: Check


def can_hold(when: When, events: Mapping[str, Fields]) -> bool:
    """Whether an event can be such; `events`: the fields of each type."""
    return any(True for _ in _possible(when, events))


def can_hold_for(when: When, fields: Fields) -> bool:
    """Whether anything with these fields can be such."""
    return any(_satisfiable(tests, fields) for tests in map(_read, _alternatives(when)))


def covered(when: When, earlier: Sequence[When], events: Mapping[str, Fields]) -> list[int] | None:
    """Which of the earlier conditions hold, one or other, whenever this one does; None if that is not certain."""
    used: set[int] = set()
    others = [[_read(alternative) for alternative in _alternatives(one)] for one in earlier]
    for tests, fields in _possible(when, events):
        for case in _cases(tests, fields):
            place = next(
                (
                    place
                    for place, alternatives in enumerate(others)
                    if any(_implies(case, other, fields) for other in alternatives)
                ),
                None,
            )
            if place is None:
                return None
            used.add(place)
    return sorted(used)


def _alternatives(when: When) -> list[Mapping[str, Any]]:
    return when.spec if isinstance(when.spec, list) else [when.spec]


def _read(alternative: Mapping[str, Any]) -> Tests:
    return {field: read_test(field, spec) for field, spec in alternative.items()}


def read_test(field: str, spec: Any) -> Test:
    """`spec`: as the definition file writes it, and known to be right."""
    holds = compile_test(field, spec)
    if spec in ("present", "absent"):
        return Test(spec, (), holds)
    verb, operand = next(iter(spec.items())) if isinstance(spec, dict) else ("is", spec)
    operands = operand if isinstance(operand, list) else [operand]
    return Test(verb, tuple(one.casefold() if isinstance(one, str) else one for one in operands), holds)


def _possible(when: When, events: Mapping[str, Fields]) -> Iterator[tuple[Tests, Fields]]:
    """The alternatives that can hold, with the fields of each event type for which they can."""
    for tests in map(_read, _alternatives(when)):
        for fields in events.values():
            if _satisfiable(tests, fields):
                yield tests, fields


def _satisfiable(tests: Tests, fields: Fields) -> bool:
    return all(any(map(test.holds, _samples(test, fields.get(field, NEVER)))) for field, test in tests.items())


def _samples(test: Test, domain: Domain) -> list[Value | None]:
    """Values such that if any value of the domain passes, one of these does."""
    if domain.kind == "finite":
        return list(domain.values)
    fitting = [one for one in test.operands if isinstance(one, str) == (domain.kind == "text")]
    if domain.kind == "text":
        return [None, "", _OTHER, *fitting]
    return [None, 1 + max([0.0, *(abs(float(one)) for one in fitting if not isinstance(one, str))]), *fitting]


def _cases(tests: Tests, fields: Fields) -> Iterator[Tests]:
    """The same condition as several narrower ones: one for each value of the fields that can have but a few."""
    few: dict[str, list[Test]] = {}
    number = 1
    for field, test in tests.items():
        values = _finite(test, fields.get(field, NEVER))
        if values is not None and number * len(values) <= _CASES:
            number *= len(values)
            few[field] = [_only(value) for value in values]
    for chosen in product(*few.values()):
        yield {**tests, **dict(zip(few, chosen, strict=True))}


def _only(value: Value | None) -> Test:
    return Test("is", () if value is None else (value,), lambda other: other == value)


def _finite(test: Test | None, domain: Domain) -> list[Value | None] | None:
    """All values of the domain that pass, if they can be counted."""
    if domain.kind == "finite":
        return [value for value in domain.values if test is None or test.holds(value)]
    if test is None or test.verb not in ("is", "absent"):
        return None
    return [value for value in _samples(test, domain) if test.holds(value)]


def _implies(case: Tests, other: Tests, fields: Fields) -> bool:
    return all(_passes(case.get(field), test, fields.get(field, NEVER)) for field, test in other.items())


def _passes(given: Test | None, test: Test, domain: Domain) -> bool:
    """Whether every value of the domain that passes `given` (None: any) passes `test`."""
    values = _finite(given, domain)
    if values is not None:
        return all(map(test.holds, values))

    def may_be(value: Value | None) -> bool:
        fits = value is None or isinstance(value, str) == (domain.kind == "text")
        return fits and (given is None or given.holds(value))

    verb = given.verb if given else ""
    mine = given.operands if given else ()
    match test.verb:
        case "present":
            return not (may_be(None) or may_be(""))
        case "not":
            return not any(map(may_be, test.operands))
        case "besides":
            return not any(map(may_be, (None, "", *test.operands)))
        case "starts":
            return verb == "starts" and all(any(_text(a).startswith(_text(b)) for b in test.operands) for a in mine)
        case "contains":
            return verb in ("starts", "contains") and all(
                any(_text(b) in _text(a) for b in test.operands) for a in mine
            )
        case "min":
            return verb == "min" and _number(mine) >= _number(test.operands)
        case "max":
            return verb == "max" and _number(mine) <= _number(test.operands)
    return False


def _text(value: Value) -> str:
    return str(value)


def _number(operands: tuple[Value, ...]) -> float:
    return float(operands[0])
