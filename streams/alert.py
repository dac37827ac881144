"""What an alert is made of, and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from streams.model import Micros
from streams.verdict import Data

# What is said of an obligation, or (the last two) of a source of data: see streams/alerts.py.
CHANGES = ("warned", "leaking", "recovered", "met", "lost", "voided", "withdrawn", "held", "released")
OPEN = frozenset({"warned", "leaking"})


class Owed(NamedTuple):
    """An obligation as boards.obligations_as_of has it. Times UTC µs."""

    lead_id: str
    kind: str
    cause: str
    state: str
    owed_by: str
    owner: str
    opened_at: Micros
    warn_at: Micros
    due_at: Micros
    settled_at: Micros | None  # met, or ended unmet
    definition_version: str

    @property
    def key(self) -> str:
        return f"{self.lead_id}/{self.kind}/{self.cause}"


class Alert(NamedTuple):
    """One message, in the shape of schemas/outputs/leaks.avsc."""

    change: str
    at: Micros  # when it became so: warn_at, due_at, when it was met or ended; not when it was said
    data_until: Micros  # what was judged by: all data up to then was in
    generation: int
    lead_id: str = ""
    kind: str = ""
    cause: str = ""
    state: str = ""
    owed_by: str = ""
    owner: str = ""
    verdict: str = ""
    why: str = ""
    opened_at: Micros | None = None
    warn_at: Micros | None = None
    due_at: Micros | None = None
    settled_at: Micros | None = None
    crm_record_id: str = ""
    link: str = ""
    definition_version: str = ""
    source: str = ""
    held_count: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """within: a leak that fell due longer ago is history, and no news; hold: no alert is held for longer than that
    after it was due. In microseconds."""

    generation: int
    within: Micros
    hold: Micros


@dataclass(frozen=True, slots=True)
class Look:
    """The facts at `now`. rows: all that are warned or leaking (and due within the rules' time), all that leaked and
    were settled since the last look, and all that was said to be open, however it stands."""

    now: Micros
    data: Data
    rows: Iterable[Owed]
    behind: bool | None = (
        None  # whether our own pipeline is so for long; None: perhaps it only catches up after a start
    )

    @property
    def complete(self) -> Micros:
        """Up to when obligations can be judged: what comes later may still be met by an event in the queue."""
        return self.now if self.data.until is None else min(self.now, self.data.until)

    @property
    def judged(self) -> Micros:
        """Up to when nothing will have to be judged again, as no source has still to say what it knows."""
        return min([self.complete, *(gap.since for gap in self.data.silent)])
