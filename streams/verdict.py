"""Whose leak it is, by rule: who owes it, or nobody yet, since the event that meets it may be data that is missing.

`boards.verdicts` (sinks/views/35_verdicts.sql) says the same of every leak; when a source is silent for longer than
usual, `boards.sources` (sinks/views/30_sources.sql) says. Any kind may be met by what the CRM knows, as entering a
later stage meets what a stage opened, and every stage is entered by a status too. So any silent CRM source counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from streams.model import SECOND, Micros

PIPELINE = ""  # the source of what is missing where it is our own: all that stands in Kafka is not in yet


class Gap(NamedTuple):
    """Nothing is known of what `source` has to say after `since`."""

    source: str
    since: Micros


@dataclass(frozen=True, slots=True)
class Data:
    """What is in. until: all that Kafka was given before it, None where no worker has ever reported; silent: the CRM
    sources that have said nothing for longer than is usual, since their last event."""

    until: Micros | None
    silent: tuple[Gap, ...] = ()

    def missing(self, due_at: Micros) -> Gap | None:
        """What may still bring an event from before `due_at`."""
        if self.until is not None and self.until < due_at:
            return Gap(PIPELINE, self.until)
        behind = [gap for gap in self.silent if gap.since < due_at]
        return min(behind, key=lambda gap: (gap.since, gap.source), default=None)


class Verdict(NamedTuple):
    """who: sales, marketing, operations or data; why: one sentence."""

    who: str
    why: str


def judge(owed_by: str, due_at: Micros, data: Data) -> Verdict:
    """Of an obligation that is leaking."""
    if owed_by == "data":
        return Verdict("data", "it is for the data to bring: a connector or an import is behind")
    gap = data.missing(due_at)
    if gap is None:
        return Verdict(owed_by, f"it was due at {_told(due_at)} and is not met, and no data is known to be missing")
    if gap.source == PIPELINE:
        return Verdict("data", f"events since {_told(gap.since)} are not yet in")
    return Verdict("data", f"the CRM connector {gap.source} has said nothing since {_told(gap.since)}")


def _told(at: Micros) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%d %H:%M UTC")
