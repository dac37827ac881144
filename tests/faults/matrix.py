"""Plays cases on one broker and one ClickHouse, and compares each with an undisturbed run of the same events."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.faults.cases import Case, Size
from tests.faults.deployment import Deployment
from tests.faults.load import Event, load
from tests.support.clickhouse import LocalClickHouse
from tests.support.kafka import TestBroker
from tests.support.run import differences
from tests.support.schema_registry import SchemaRegistry, serving

_SHOWN = 5


@dataclass
class Outcome:
    """Counts of rows by key against the undisturbed run. `says` are lines for people; all is well without them."""

    case: Case
    times: int = 0
    events: int = 0
    restarts: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    rejects_exact: bool = False
    catch_up: float = 0.0  # seconds from the last fault to quiet
    took: float = 0.0
    says: list[str] = field(default_factory=list)


class Matrix:
    """`events`: of the large load, `small`: of every other one. Closed in the end, as it holds a schema registry."""

    def __init__(
        self, broker: TestBroker, clickhouse: LocalClickHouse, folder: Path, events: int, small: int, seed: int
    ) -> None:
        self._broker = broker
        self._clickhouse = clickhouse
        self._folder = folder
        self._sizes = {True: events, False: small}
        self._seed = seed
        self._stack = ExitStack()
        self._registry: SchemaRegistry | None = None
        self._loads: dict[_Load, list[Event]] = {}
        self._undisturbed: dict[_Load, Deployment] = {}

    def play(self, case: Case, size: Size) -> Outcome:
        """Does not raise for what the case finds; it is said in the outcome."""
        outcome, which = Outcome(case), _Load(case.large, case.registry)
        one, began = self.undisturbed(case), time.monotonic()
        with self._deployment(case.name, which) as other:
            try:
                case.play(other, size)
                other.feed_rest()
                last = time.monotonic()
                other.finish()
                outcome.catch_up = time.monotonic() - last
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # pytest's failures are no Exceptions
                outcome.says += [f"{type(error).__name__}: {error}", *other.failures]
            outcome.times, outcome.events, outcome.restarts = other.happened, other.events, other.restarts
            if not outcome.says:
                _compare(one, other, outcome)
        outcome.took = time.monotonic() - began
        return outcome

    def undisturbed(self, case: Case) -> Deployment:
        """The run of the case's load in order, by one worker; made once."""
        which = _Load(case.large, case.registry)
        if which not in self._undisturbed:
            with self._deployment(f"undisturbed{len(self._undisturbed)}", which) as run:
                run.up()
                run.finish()
            assert not run.failures and not run.restarts, f"undisturbed, and yet: {run.failures}, {run.log()}"
            self._undisturbed[which] = run
        return self._undisturbed[which]

    def close(self) -> None:
        self._stack.close()

    @contextmanager
    def _deployment(self, name: str, which: _Load) -> Iterator[Deployment]:
        if which.registry and self._registry is None:
            self._registry = self._stack.enter_context(serving())
        registry = self._registry if which.registry else None
        if which not in self._loads:
            url = registry.url if registry else None
            self._loads[which] = load(self._sizes[which.large], self._seed + 50 * which.large, url)
        events, random = self._loads[which], Random(f"{self._seed} {name}")
        made = Deployment(self._broker, self._clickhouse, self._folder / f"run-{name}", events, random, registry)
        try:
            yield made
        finally:
            made.close()


class _Load(NamedTuple):
    large: bool
    registry: bool  # encoded by its ids


def _compare(one: Deployment, other: Deployment, outcome: Outcome) -> None:
    for difference in differences(one, other):
        outcome.lost += difference.missing
        outcome.wrong += difference.more + difference.otherwise
        outcome.says.append(difference.text)
    if doubled := other.doubled():
        outcome.doubled = doubled
        outcome.says.append(f"{doubled} rows or rejects are there more than once")
    outcome.says += _rejects(one.refused_where(), other.refused_where())
    outcome.rejects_exact = not outcome.says or not any(line.startswith("reject") for line in outcome.says)
    if not other.rejected_topics_agree():
        outcome.says.append("rejected topics and boards.rejects do not name the same records")
        outcome.rejects_exact = False
    if not other.happened:
        outcome.says.append("nothing was done to it")
    outcome.says += other.failures


def _rejects(was: Counter[tuple[str, int, int, str]], now: Counter[tuple[str, int, int, str]]) -> list[str]:
    return [
        f"rejects {sign} {number} × {where}"
        for sign, difference in (("-", was - now), ("+", now - was))
        for where, number in difference.most_common(_SHOWN)
    ]
