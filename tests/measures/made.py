"""Facts made by hand, and the measures' answers. Days are counted from 2024-01-01 00:00 UTC, which is day 0."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sinks.client import Client
from sinks.writer import Batch, Writer
from tests.sinks.rows import DAY, HOUR, SECOND, values

START = 1_704_067_200 * SECOND
Row = dict[str, Any]


def on(day: float, hour: float = 0) -> int:
    return START + round(day * DAY) + round(hour * HOUR)


def as_date(day: int) -> date:
    return date(2024, 1, 1) + timedelta(days=day)


class Facts:
    """Rows of one generation; times are UTC µs, and what is not named has its default."""

    def __init__(self, client: Client, generation: int) -> None:
        self._writer = Writer(client, generation)
        self._batch = Batch()
        self._rows = 0

    def write(self) -> None:
        self._writer.write(self._batch)
        self._batch = Batch()

    def put(self, table: str, *key: str, **columns: Any) -> None:
        self._batch.add(table, key, values(table, **columns), 1, START)

    def _cause(self, given: Row) -> str:
        self._rows += 1
        return str(given.pop("cause", f"c{self._rows:05}"))

    def lead(self, lead: str, began: int = START, **more: Any) -> None:
        self.put("leads", lead, began_at=began, **more)

    def entry(self, lead: str, stage: str, at: int, cycle: int = 1, **more: Any) -> None:
        cause = self._cause(more)
        self.put("stage_entries", lead, cause, stage, entered_at=at, cycle=cycle, **more)

    def assigned(self, lead: str, at: int, **more: Any) -> None:
        """By default a hand-over to ann in cycle 1, her day over a day later."""
        cause = self._cause(more)
        given = {"cycle": 1, "owner": "ann", "how": "given", "handover": 1, "day_due_at": at + DAY} | more
        self.put("assignments", lead, cause, assigned_at=at, **given)

    def deal(self, lead: str, deal: str, created: int, won: int | None = None, **more: Any) -> None:
        """New business, won at `won` or open."""
        given = {"kind": "new_business", "status": "won" if won else "open", "amount": 100.0, "currency": "EUR"} | more
        self.put("deals", lead, deal, created_at=created, closed_at=won, **given)

    def owed(self, lead: str, kind: str, opened: int, due: int, **more: Any) -> None:
        cause = self._cause(more)
        self.put("obligations", lead, kind, cause, opened_at=opened, warn_at=opened, due_at=due, **more)

    def event(self, lead: str, at: int, *moments: str) -> None:
        self.put("lead_events", lead, self._cause({}), occurred_at=at, moments=list(moments))


class Ask:
    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, measure: str, at: int, since: int | None = None, until: int | None = None) -> list[Row]:
        """All rows as of `at`; `since` and `until` are days."""
        moment = datetime.fromtimestamp(at // SECOND, UTC).replace(microsecond=at % SECOND)
        given = {"at": moment.strftime("%Y-%m-%d %H:%M:%S.%f")}
        if since is not None and until is not None:
            given |= {"since": as_date(since).isoformat(), "until": as_date(until).isoformat()}
        named = ", ".join(f"{name} = '{value}'" for name, value in given.items())
        return list(self._client.query(f"SELECT * FROM boards.{measure}_as_of({named})").named_results())

    def now(self, measure: str, settings: Row | None = None) -> list[Row]:
        return list(self._client.query(f"SELECT * FROM boards.{measure}", settings=settings).named_results())


def pick(rows: list[Row], names: str) -> list[tuple[Any, ...]]:
    """The named columns of each row, in order."""
    return sorted((tuple(row[name] for name in names.split()) for row in rows), key=str)


def one(rows: list[Row], names: str) -> tuple[Any, ...]:
    """The named columns of the only row."""
    (row,) = pick(rows, names)
    return row


def total(rows: list[Row], names: str) -> tuple[Any, ...]:
    return tuple(sum(row[name] for row in rows) for name in names.split())
