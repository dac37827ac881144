"""A company in the real engine: what its views answer, and how that differs from the oracle."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from math import isclose
from pathlib import Path
from typing import Any

from sinks.client import Client
from sinks.clock import reset_clock, set_clock
from sinks.definitions import register
from sinks.live import promote
from sinks.reference import write
from sinks.tables import TABLES
from sinks.writer import Batch, Writer
from streams.definition import Definition
from streams.definition.content import content_of
from streams.model import SECOND, Micros
from tests.measures.companies import Rows
from tests.measures.oracle.company import Company
from tests.measures.oracle.terms import Meets, Terms
from tests.measures.oracle.words import Row
from tests.measures.table import MEASURES, UNITS, Measure
from tests.support.clickhouse import running_clickhouse

ALWAYS = date(1970, 1, 1), date(2100, 1, 1)
WORKING_DAYS = [date(2023, 1, 1) + timedelta(number) for number in range(14 * 365)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = sorted({day.replace(day=1) for day in WORKING_DAYS})
_ASIDE = ("nurture", "rejected", "lost")
_SPANS = (
    "mql_matures", "vanished_after", "customer_within", "regret_within", "old_at_handover", "influence_look_back",
)  # fmt: skip
_generations = count(80_000)
Cells = tuple[Any, ...]


@contextmanager
def own_client(path: Path) -> Iterator[Client]:
    """Of a server of its own: reference data is no generation's, so it would be seen by other tests."""
    with running_clickhouse(path) as server:
        client = server.client()
        yield client
        client.close()


@contextmanager
def shown(client: Client, definition: Definition, rows: Rows, reference: dict[str, list[Row]]) -> Iterator[Company]:
    """The boards show this company meanwhile, as a generation of its own; they keep its reference data afterwards."""
    generation = next(_generations)
    batch = Batch()
    for (table, key), columns in rows.items():
        batch.add(table, key, columns, 1, 0)
    Writer(client, generation).write(batch)
    calendar = definition.calendars[definition.calendar]
    days = [(definition.calendar, day) for day in WORKING_DAYS if calendar.openings(day)]
    register(client, generation, definition.version, json.dumps(content_of(definition)), days)
    for kind, of_kind in reference.items():
        write(client, kind, of_kind, _MONTHS if kind in ("spend", "targets") else [], "a test")
    promote(client, generation)
    try:
        facts = facts_of((table, key, columns) for (table, key), columns in rows.items())
        yield Company(facts, reference, terms_of(client, definition))
    finally:
        reset_clock(client)


def facts_of(rows: Iterable[tuple[str, tuple[Any, ...], Row]]) -> dict[str, list[Row]]:
    """Table, key and values of each row → rows by table, key columns among the others."""
    facts: dict[str, list[Row]] = {}
    for table, key, columns in rows:
        names = [column.name for column in TABLES[table].key]
        facts.setdefault(table, []).append({**dict(zip(names, key, strict=True)), **columns})
    return facts


def terms_of(client: Client, definition: Definition) -> Terms:
    """Numbers and lists as the boards have them (spans in seconds); what meets an obligation as the definition says."""
    said = next(iter(client.query("SELECT * FROM boards.definition").named_results()))
    calendar = definition.calendars[definition.calendar]
    kinds = {}
    for kind, rule in definition.obligations.items():
        stages = {stage for clause in rule.met_by for stage in clause.enters}
        kinds[kind] = Meets(
            moments=frozenset(clause.moment for clause in rule.met_by) - {""},
            stages=frozenset(stages | set(_ASIDE)) if "aside" in stages else frozenset(stages),
            has=frozenset(clause.has for clause in rule.met_by) - {""},
        )
    return Terms(
        **{name: said[name] * SECOND for name in _SPANS},
        small_n=said["small_n"],
        satisfied_at=said["satisfied_at"],
        committee_size=said["committee_size"],
        marketing_channels=frozenset(said["marketing_channels"]),
        origin_kinds=said["origin_kinds"],
        generated_by=said["generated_by"],
        kinds=kinds,
        is_working_day=lambda day: bool(calendar.openings(day)),
    )


def differences(
    client: Client, company: Company, names: Sequence[str], at: Micros, period: tuple[date, date] | None = None
) -> list[str]:
    """Between views and oracle, a line each. Without `period` the plain views are asked, by the boards' clock."""
    if period is None:
        set_clock(client, 0, at, 0.0)
    found: list[str] = []
    for name in names:
        measure = MEASURES[name]
        expected = measure.oracle(company, at, *(period or ALWAYS)) if measure.period else measure.oracle(company, at)
        answer = _asked(client, name, measure, at, period)
        found += _between(name, measure, answer, expected)
    return found


def _asked(client: Client, name: str, measure: Measure, at: Micros, period: tuple[date, date] | None) -> list[Row]:
    given: dict[str, Any] = {}
    source = f"boards.{name}"
    if period is not None:
        given = {"at": (_EPOCH + timedelta(microseconds=at)).strftime("%Y-%m-%d %H:%M:%S.%f")}
        source += "_as_of(at = {at:DateTime64(6, 'UTC')}"
        if measure.period:
            given |= {"since": period[0], "until": period[1]}
            source += ", since = {since:Date}, until = {until:Date}"
        source += ")"
    rows = list(client.query(f"SELECT * FROM {source}", parameters=given or None).named_results())
    for row in rows:
        assert next(iter(row)) == "as_of", f"{name}: the first column is not as_of"
        assert _plain(row["as_of"]) == at, f"{name}: as_of is {row['as_of']}"
    return rows


def _between(name: str, measure: Measure, answer: list[Row], expected: list[Row]) -> Iterator[str]:
    came, due = (_by_key(name, measure, rows) for rows in (answer, expected))
    says = measure.says.split()
    for key in sorted(came.keys() | due.keys(), key=repr):
        ours, theirs = sorted(due.get(key, []), key=repr), sorted(came.get(key, []), key=repr)
        if len(ours) != len(theirs) or not all(map(_alike, ours, theirs)):
            told = [" + ".join(_shown(says, row, against) or "-" for row, against in pairs) or "no row"
                    for pairs in (_pairs(ours, theirs), _pairs(theirs, ours))]  # fmt: skip
            yield f"{name} {dict(zip(measure.key.split(), key, strict=True))}: oracle {told[0]}, view {told[1]}"


def _pairs(rows: list[Cells], others: list[Cells]) -> list[tuple[Cells, Cells | None]]:
    return [(row, others[place] if place < len(others) else None) for place, row in enumerate(rows)]


def _shown(says: list[str], row: Cells, against: Cells | None) -> str:
    """What the other has not."""
    return " ".join(
        f"{name}={value!r}"
        for place, (name, value) in enumerate(zip(says, row, strict=True))
        if against is None or not _same(value, against[place])
    )


def _by_key(name: str, measure: Measure, rows: list[Row]) -> dict[Cells, list[Cells]]:
    found = defaultdict(list)
    for row in rows:
        key, says = (tuple(_plain(row[column]) for column in part.split()) for part in (measure.key, measure.says))
        if name in UNITS or any(says):  # a row of zeros means the same as none
            found[key].append(says)
    return dict(found)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    if isinstance(value, list):
        return tuple(value)
    return "" if value is None else value  # no text and no number are told apart by nobody


def _alike(ours: Cells, theirs: Cells) -> bool:
    return all(map(_same, ours, theirs))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)
