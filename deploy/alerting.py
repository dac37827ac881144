"""What a worker's timer of alerts asks the boards, and how a lead is addressed in the CRM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from sinks.leaks import Leaks
from sinks.reader import BoardsReader
from streams.alert import OPEN, Alert, Look, Owed
from streams.model import SECOND, Micros
from streams.verdict import Data, Gap

# A record that is on its way from one step to the next is nobody's for a moment, while both report that all is done.
ON_ITS_WAY: Micros = 2 * SECOND


class AlertBoards:
    """The boards of one generation. within: how long ago a leak may have fallen due; crm_url: template of a link."""

    def __init__(self, reader: BoardsReader, generation: int, within: float, crm_url: str) -> None:
        self._leaks = Leaks(reader)
        self._generation = generation
        self._within = round(within * SECOND)
        self._crm_url = crm_url

    def is_live(self) -> bool:
        return self._leaks.clock()[1] == self._generation

    def look(self, kept: Micros | None, said: Mapping[str, Alert]) -> Look | None:
        """How far data is in is asked before the facts that it speaks of: later ones hold more, and never less.

        Which source is silent is asked only if somebody may be accused; then the facts once more.
        """
        now, live, until = self._leaks.clock()
        if live != self._generation:
            return None
        data = Data(None if until is None else until - ON_ITS_WAY)
        judged = Look(now, data, ()).judged if kept is None else kept
        rows = self._rows(now, judged, said)
        if _accuses(rows, said):
            data = Data(data.until, tuple(Gap(*one) for one in self._leaks.silent(now)))
            rows = self._rows(now, judged, said)
        return Look(now, data, list(rows.values())) if self.is_live() else None

    def _rows(self, now: Micros, judged: Micros, said: Mapping[str, Alert]) -> dict[str, Owed]:
        rows = _by_key(self._leaks.news(now, now - self._within, judged))
        others = {key: alert.lead_id for key, alert in said.items() if alert.change in OPEN and key not in rows}
        found = _by_key(self._leaks.of(sorted(set(others.values())), now))
        return rows | {key: row for key, row in found.items() if key in others}

    def addressed(self, alerts: list[Alert]) -> list[Alert]:
        records = dict(self._leaks.records(sorted({alert.lead_id for alert in alerts if alert.lead_id})))
        return [self._addressed(alert, records.get(alert.lead_id, alert.crm_record_id)) for alert in alerts]

    def _addressed(self, alert: Alert, record: str) -> Alert:
        link = self._crm_url.replace("{id}", quote(record, safe="")) if record else ""
        return alert._replace(crm_record_id=record, link=link)


def _accuses(rows: Mapping[str, Owed], said: Mapping[str, Alert]) -> bool:
    """Whether a leak may be said anew, or one that is held back let go."""
    leaking = {key for key, alert in said.items() if alert.change == "leaking"}
    news = any(row.state not in ("open", "warned") and key not in leaking for key, row in rows.items())
    return news or any(alert.change == "held" for alert in said.values())


def _by_key(rows: Iterable[tuple[Any, ...]]) -> dict[str, Owed]:
    return {owed.key: owed for owed in map(Owed._make, rows)}
