"""`funnelwatch definition show`: the agreement as marketing and sales would say it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap

from streams.definition.content import content_of
from streams.definition.duration import wall_text
from streams.definition.load import DefinitionFile
from streams.definition.model import Definition, Obligation
from streams.definition.signatures import DEPARTMENTS
from streams.definition.stages import Stage
from streams.definition.words import any_of, clause, condition, due, readable, warning

_WIDTH = 110


def as_json(file: DefinitionFile) -> str:
    found = file.definition
    whole = {"version": found.version, "signed": found.signed, "definition": content_of(found)}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def as_text(file: DefinitionFile) -> str:
    found = file.definition
    sections = (
        [f"Lead definition {found.version} ({file.file})", *_signatures(found)],
        ["Sales ready", *_ready(found)],
        ["Stages", *(line for place, stage in enumerate(found.stages, 1) for line in _stage(place, stage))],
        ["Who owes what, and by when", *_obligations(found)],
        ["Office hours", *_calendars(found)],
    )
    return "\n\n".join("\n".join(lines) for lines in sections)


def _signatures(found: Definition) -> Iterator[str]:
    for department in DEPARTMENTS:
        signature = found.signatures.of(department)
        said = f"signed by {signature.by} on {signature.date}" if signature else "not signed"
        yield f"  {department}: {said}"


def _ready(found: Definition) -> Iterator[str]:
    rule = found.sales_ready
    yield f"  {rule.score_at_least:g} points or more: at least {rule.behaviour_at_least:g} of them for what was done"
    yield f"  in the last {wall_text(rule.look_back)}, and at least {rule.fit_at_least:g} for who it is"
    for one in rule.behaviour:
        times = f" (up to {one.times} times)" if one.times > 1 else ""
        yield from _wrapped(f"{one.points:+4g}  {condition(one.when.spec)}{times}", 2, 8)
    for fit in rule.fit:
        yield from _wrapped(f"{fit.points:+4g}  {condition(fit.when.spec)}", 2, 8)
    hot = [*map(readable, found.hot.moments), f"{found.hot.score_at_least:g} points or more"]
    yield f"  hot, so called first: {any_of(hot)}"


def _stage(place: int, stage: Stage) -> Iterator[str]:
    yield f"{place:3} {stage.name}" + (" (aside)" if stage.aside else "")
    yield f"      begins with {any_of([*map(readable, stage.enter)])}" if stage.enter else "      begins by CRM status"
    if stage.exit:
        yield f"      ends with {any_of([*map(readable, stage.exit)])}"
    for activity in stage.activities:
        yield from _wrapped(f"- {activity}", 6, 8)
    yield from _wrapped(stage.job_aid, 6, 6)


def _obligations(found: Definition) -> Iterator[str]:
    for kind, rule in found.obligations.items():
        yield f"  {readable(kind)}: {rule.owed_by} owes it within {due(rule.due)}; warned at {warning(rule)}"
        yield from _wrapped(f"from: {_opening(rule)}", 6, 8)
        yield from _wrapped(f"met: {'; '.join(clause(one) for one in rule.meeting)}", 6, 8)
        if rule.lost_by:
            yield from _wrapped(f"lost: {'; '.join(clause(one) for one in rule.lost_by)}", 6, 8)


def _opening(rule: Obligation) -> str:
    also = "".join(f", and {clause(one)}" for one in rule.also)
    unless = "".join(f", unless {clause(one)} before" for one in rule.unless)
    rolling = ", and again each time it is met" if rule.rolling else ""
    opened = " or ".join(clause(one) for one in rule.opened_by)
    return opened + also + unless + (", each deal on its own" if rule.of == "deal" else "") + rolling


def _calendars(found: Definition) -> Iterator[str]:
    for name, calendar in found.calendars.items():
        written = calendar.written()
        week = ", ".join(f"{days} {' and '.join(_spans(spans))}" for days, spans in written["hours"].items())
        regions = [region for region, one in found.regions.items() if one.calendar == name]
        usual = " (where nothing else is known)" if name == found.calendar else ""
        yield f"  {name}{usual}: {', '.join(regions) or 'no region'}"
        yield from _wrapped(f"{written['zone']}: {week}; {len(calendar.holidays)} holidays", 6, 6)
        yield f"      a business day has {written['business_day']}"


def _spans(spans: str | list[str]) -> list[str]:
    return [spans] if isinstance(spans, str) else spans


def _wrapped(text: str, first: int, then: int) -> list[str]:
    return wrap(text, _WIDTH, initial_indent=" " * first, subsequent_indent=" " * then)
