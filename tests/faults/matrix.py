"""Plays cases on one broker and one ClickHouse, and compares each with an undisturbed run of the same events."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.cases import CASES, Case, Size
from tests.faults.deployment import Deployment
from tests.faults.load import Event, load
from tests.support.clickhouse import LocalClickHouse
from tests.support.kafka import TestBroker
from tests.support.run import differences

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
    """`events`: of the large load; all others take a tenth of it, or `small` of them."""

    def __init__(
        self, broker: TestBroker, clickhouse: LocalClickHouse, folder: Path, events: int, small: int, seed: int
    ) -> None:
        self._broker = broker
        self._clickhouse = clickhouse
        self._folder = folder
        self._sizes = {True: events, False: small}
        self._seed = seed
        self._loads: dict[bool, list[Event]] = {}
        self._undisturbed: dict[bool, Deployment] = {}

    def play(self, case: Case, size: Size) -> Outcome:
        """Never raises for what the case finds; it is said in the outcome."""
        outcome, began = Outcome(case), time.monotonic()
        one = self.undisturbed(case.large)
        with self._deployment(case.name, self._load(case.large)) as other:
            try:
                case.play(other, size)
                other.feed_rest()
                last = time.monotonic()
                other.finish()
                outcome.catch_up = time.monotonic() - last
            except BaseException as error:  # pytest's failures are no Exceptions
                if isinstance(error, KeyboardInterrupt):
                    raise
                outcome.says.append(f"{type(error).__name__}: {error}")
            outcome.times, outcome.events, outcome.restarts = other.happened, other.events, other.restarts
            if not outcome.says:
                _compare(one, other, outcome)
        outcome.took = time.monotonic() - began
        return outcome

    def undisturbed(self, large: bool) -> Deployment:
        """In order, by one worker; made once."""
        if large not in self._undisturbed:
            with self._deployment(f"undisturbed-{large}", self._load(large)) as run:
                run.up()
                run.finish()
            assert not run.failures and not run.restarts, run.failures
            self._undisturbed[large] = run
        return self._undisturbed[large]

    def _load(self, large: bool) -> list[Event]:
        if large not in self._loads:
            self._loads[large] = load(self._sizes[large], self._seed + 50 * large)
        return self._loads[large]

    @contextmanager
    def _deployment(self, name: str, events: Sequence[Event]) -> Iterator[Deployment]:
        random = Random(f"{self._seed} {name}")
        made = Deployment(self._broker, self._clickhouse, self._folder / name, events, random)
        try:
            yield made
        finally:
            made.close()


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
    outcome.says += other.failures


def _rejects(was: Counter[tuple[str, int, int, str]], now: Counter[tuple[str, int, int, str]]) -> list[str]:
    return [
        f"rejects {sign} {number} × {where}"
        for sign, difference in (("-", was - now), ("+", now - was))
        for where, number in difference.most_common(_SHOWN)
    ]


def chosen(only: Iterable[str]) -> list[Case]:
    """The cases of these names, all without any. Raises KeyError."""
    return [CASES[name] for name in only] or list(CASES.values())
