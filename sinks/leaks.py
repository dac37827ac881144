"""What alerts are made of, as the boards have it: obligations, how far data is in, and which sources are silent.

Times are UTC microseconds (int). Everything here raises QueryError.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sinks.reader import BoardsReader

AT_ONCE = 400  # leads named in one question, which travel in its address
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_CLOCK = """
SELECT
    toUnixTimestamp64Micro(now) AS now,
    (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1) AS live,
    (SELECT if(count() = 0, NULL, toUnixTimestamp64Micro(min(as_of))) FROM boards.progress) AS until
FROM boards.clock"""
_SILENT = """
SELECT source, toUnixTimestamp64Micro(last_event_at) FROM boards.sources_as_of(at = {at:DateTime64(6, 'UTC')})
WHERE brings = 'crm' AND is_silent = 1 ORDER BY ALL"""
_COLUMNS = """
SELECT
    lead_id, kind, cause, state, owed_by, owner,
    toUnixTimestamp64Micro(opened_at), toUnixTimestamp64Micro(warn_at), toUnixTimestamp64Micro(due_at),
    toUnixTimestamp64Micro(if(state IN ('met', 'recovered'), met_at, ended_at)), definition_version
FROM boards.obligations_as_of(at = {at:DateTime64(6, 'UTC')})
"""
_NEWS = (
    _COLUMNS
    + """WHERE (state IN ('warned', 'leaking') AND due_at > {since:DateTime64(6, 'UTC')})
    OR (state IN ('recovered', 'lost') AND due_at > {judged:DateTime64(6, 'UTC')})
"""
)
_OF_LEADS = _COLUMNS + "WHERE lead_id IN {leads:Array(String)}"
_RECORDS = "SELECT lead_id, crm_record_id FROM boards.leads WHERE lead_id IN {leads:Array(String)}"

_REPORTED = """
SELECT step, topic, partition, toUnixTimestamp64Micro(as_of) FROM facts.progress FINAL
WHERE generation = {generation:UInt32}"""

Row = tuple[Any, ...]


def reported(reader: BoardsReader, generation: int) -> dict[tuple[str, str, int], int]:
    """How far each step was in each topic partition when a worker reported last."""
    rows = reader.query(_REPORTED, {"generation": generation}).rows
    return {(str(step), str(topic), int(partition)): int(as_of) for step, topic, partition, as_of in rows}


class Leaks:
    """Asks as a user who may see which generation is live, too: the worker's own."""

    def __init__(self, reader: BoardsReader) -> None:
        self._reader = reader

    def clock(self) -> tuple[int, int | None, int | None]:
        """Boards' time, the live generation, and up to when what was given to Kafka stands in the views."""
        now, live, until = self._reader.query(_CLOCK).rows[0]
        return int(now), live, until

    def silent(self, at: int) -> list[tuple[str, int]]:
        """CRM sources that are silent for longer than usual, and since when."""
        return [(str(source), int(since)) for source, since in self._reader.query(_SILENT, {"at": _time(at)}).rows]

    def news(self, at: int, since: int, judged: int) -> Sequence[Row]:
        """Obligations that are warned or leaking and were not due before `since`, and those due after `judged` that
        were not met in time and are settled."""
        return self._reader.query(_NEWS, {"at": _time(at), "since": _time(since), "judged": _time(judged)}).rows

    def of(self, leads: Sequence[str], at: int) -> Iterator[Row]:
        """All obligations of these leads."""
        for some in _in_parts(leads):
            yield from self._reader.query(_OF_LEADS, {"at": _time(at), "leads": some}).rows

    def records(self, leads: Sequence[str]) -> Iterator[tuple[str, str]]:
        """CRM records of leads."""
        for some in _in_parts(leads):
            yield from ((str(lead), str(record)) for lead, record in self._reader.query(_RECORDS, {"leads": some}).rows)


def _in_parts(leads: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(leads), AT_ONCE):
        yield list(leads[start : start + AT_ONCE])


def _time(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
