"""Obligations and what a look at them brings, for tests of alerts without any part that is real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from streams.alert import OPEN, Alert, Look, Owed, Rules
from streams.alerts import Decision, decide, kept_time
from streams.journey.obligations import state_at
from streams.model import DAY, HOUR, Micros
from streams.verdict import Data

RULES = Rules(generation=7, within=4 * DAY, hold=10 * HOUR)
Obligation = Mapping[str, Any]  # as a row of facts.obligations


def obligation(number: int = 0, opened: Micros = 0, **given: Any) -> dict[str, Any]:
    """Warned of after 6 hours, due after 8."""
    row = {
        "lead_id": f"L{number}",
        "kind": "untouched",
        "cause": "c",
        "owed_by": "sales",
        "owner": "ann",
        "opened_at": opened,
        "warn_at": opened + 6 * HOUR,
        "due_at": opened + 8 * HOUR,
        "met_at": None,
        "ended_at": None,
        "end_kind": "",
        "definition_version": "v",
    }
    assert given.keys() <= row.keys()
    return row | given


def owed(row: Obligation, now: Micros) -> Owed | None:
    """As boards.obligations_as_of shows it; None before it was opened."""
    state = state_at(row, now)
    if state is None:
        return None
    settled = {"met": row["met_at"], "recovered": row["met_at"], "lost": row["ended_at"], "voided": row["ended_at"]}
    shown = {name: row[name] for name in Owed._fields if name in row}
    return Owed(**shown, state=state, settled_at=settled.get(state))


class Topic:
    """The topic of alerts, and the worker that writes it. `log` is all that was ever said."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.log: list[tuple[str, Alert | None]] = []
        self._rules = rules
        self._kept: Micros | None = None
        self.said: dict[str, Alert] = {}

    def restart(self) -> None:
        self.said = {}
        self._keep(self.log)
        self._kept = kept_time(self.said)

    def look(
        self,
        now: Micros,
        rows: Iterable[Obligation],
        data: Data | None = None,
        crash_after: int | None = None,
        behind: bool | None = None,
    ) -> Decision:
        """One tick; crash_after: so many messages are sent, and then the process dies."""
        look = Look(now, Data(now) if data is None else data, ())
        shown = [one for row in rows if (one := owed(row, now)) is not None]
        look = Look(now, look.data, list(self._asked_for(shown, look)), behind)
        decision = decide(self.said, self._kept, look, self._rules)
        sent = decision.messages if crash_after is None else decision.messages[:crash_after]
        self.log += sent
        self._keep(sent)
        if crash_after is None:
            self._kept = max(look.judged, look.judged if self._kept is None else self._kept)
        else:
            self.restart()
        return decision

    def changes(self, key: str = "L0/untouched/c") -> list[tuple[str, Micros]]:
        return [(alert.change, alert.at) for one, alert in self.log if one == key and alert is not None]

    def _keep(self, messages: Iterable[tuple[str, Alert | None]]) -> None:
        for key, alert in messages:
            if alert is None:
                self.said.pop(key, None)
            else:
                self.said[key] = alert

    def _asked_for(self, rows: Iterable[Owed], look: Look) -> Iterator[Owed]:
        """As sinks/leaks.py asks."""
        judged = look.judged if self._kept is None else self._kept
        for row in rows:
            news = row.state in OPEN and row.due_at > look.now - self._rules.within
            over = row.state in ("recovered", "lost") and judged < row.due_at
            tracked = row.key in self.said and self.said[row.key].change in OPEN
            if news or over or tracked:
                yield row
