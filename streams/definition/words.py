"""Parts of a definition in words, for people who do not read the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from streams.definition.match import When
from streams.definition.model import ASIDE, LATER, Clause, Due, Obligation

_SAID = ("enters", "does", "next", "done", "times", "has", "note")
_STAGES = {LATER: "a later stage", ASIDE: "a stage aside"}
_HAS = {
    "person_owner": "a person owns it",
    "had_owner": "a person had it in this cycle by then",
    "live_record": "it has a record in the CRM",
    "sales_ready": "it is sales ready",
}


def condition(spec: Any) -> str:
    """Of a condition as written: 'form submitted, form kind demo request or contact'."""
    alternatives = spec if isinstance(spec, list) else [spec]
    return "; or ".join(", ".join(_tests(one)) for one in alternatives)


def clause(one: Clause) -> str:
    if one.enters:
        said = "enters " + any_of([_STAGES.get(name, name) for name in one.enters])
    elif one.has:
        said = _HAS.get(one.has, readable(one.has))
    elif one.done:
        said = f"{readable(one.done)} in this cycle" + (f", {one.times} times" if one.times > 1 else "")
    else:
        said = f"the next {readable(one.next)}" if one.next else readable(one.does)
    return "".join([said, *_besides(one)])


def _besides(one: Clause) -> Iterator[str]:
    """What else the clause says, whatever that is."""
    for name, field in type(one).model_fields.items():
        value = getattr(one, name)
        if name not in _SAID and value != field.default:
            yield f", {name} {condition(value.spec) if isinstance(value, When) else value}"


def due(lines: Sequence[Due]) -> str:
    """'30 business minutes if hot, else 1 business day'."""
    return ", else ".join(
        line.within.text + (f" if {condition(line.when.spec)}" if line.when is not None else "") for line in lines
    )


def warning(rule: Obligation) -> str:
    return f"{100 * rule.warn:g} % of it" if isinstance(rule.warn, float) else rule.warn.text


def readable(name: str) -> str:
    return name.replace("_", " ")


def any_of(names: Sequence[str]) -> str:
    *others, last = names or ["nothing"]
    return f"{', '.join(others)} or {last}" if others else last


def _tests(tests: Mapping[str, Any]) -> Iterator[str]:
    for field, test in tests.items():
        yield _test(readable(field), test, bare=field == "type")


def _test(field: str, test: Any, bare: bool) -> str:
    if test == "present":
        return f"with {field}"
    if test == "absent":
        return f"without {field}"
    if isinstance(test, bool):
        return field if test else f"not {field}"
    if not isinstance(test, dict):
        return _values(test) if bare else f"{field} {_values(test)}"
    ((verb, operand),) = test.items()
    match verb:
        case "not":
            return f"{field} not {_values(operand)}"
        case "besides":
            return f"with {field} other than {_values(operand)}"
        case "starts":
            return f"{field} beginning with {_values(operand)}"
        case "contains":
            return f"{field} with {_values(operand)} in it"
        case "min":
            return f"{field} at least {operand:g}"
    return f"{field} at most {operand:g}"


def _values(values: Any) -> str:
    some = values if isinstance(values, list) else [values]
    return any_of([readable(one) if isinstance(one, str) else f"{one}".lower() for one in some])
