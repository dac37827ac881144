"""What a worker is doing at this moment, as plain values: what metrics and health are read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from faust.types import TP

from streams.model import Micros
from streams.worker import internals
from streams.worker.progress import Progress, lag


class Lag(NamedTuple):
    """One topic partition of a lane. records: in Kafka and not committed yet; None before the first fetch."""

    lane: Progress
    records: int | None


class InLane(NamedTuple):
    """One lane, whatever it reads. Counts of records and of states in memory; seconds since its oldest record."""

    step: str
    partition: int
    waiting: int
    uncommitted: int
    behind: float
    cached: int
    dirty: int


class Left(NamedTuple):
    """Records of a changelog, or of a log that is folded again, that are still to be read before work begins."""

    table: str
    partition: int
    records: int


class Keys(NamedTuple):
    """How many keys RocksDB thinks that a table has in one partition."""

    table: str
    partition: int
    keys: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look. clock: monotonic seconds; sink_away: for how many seconds, None when it answers."""

    clock: float
    assigned: int | None  # topic partitions, changelogs among them; None before the group has dealt out any
    recovered: bool  # every table that was assigned is as it was left
    lags: tuple[Lag, ...] = ()
    lanes: tuple[InLane, ...] = ()
    left: tuple[Left, ...] = ()
    keys: tuple[Keys, ...] = ()
    sink_away: float | None = None

    @property
    def ready(self) -> bool:
        return self.assigned is not None and self.recovered and not any(one.records for one in self.left)


def look(app: Any, clock: float, now: Micros, ends: Mapping[TP, int], sink_away: float | None) -> Vitals:
    """ends: ends of logs that were asked for, as those of a lane that is full are not fetched any more."""
    assigned: int | None = app.watch.assigned
    if assigned is None:  # to touch Faust's consumer before it is started would make it
        return Vitals(clock, None, recovered=False, sink_away=sink_away)
    lanes = app.lanes.progress()
    return Vitals(
        clock,
        assigned,
        recovered=app.tables.actives_ready and not app.rebalancing,
        lags=tuple(Lag(lane, lag(app, lane, ends)) for lane in lanes),
        lanes=tuple(_in_lanes(app, now)),
        left=(*_changelogs(app.tables.recovery), *_folds(lanes)),
        keys=tuple(_keys(app)),
        sink_away=sink_away,
    )


def _in_lanes(app: Any, now: Micros) -> Iterator[InLane]:
    for (step, partition), lane in app.lanes.all():
        since = lane.pending_since()
        behind = 0.0 if since is None else max(0.0, (now - since) / 1e6)
        sizes = lane.sizes()
        cached, dirty = sizes.get("known", 0), sizes.get("dirty", 0)
        yield InLane(step, partition, lane.waiting, lane.uncommitted, behind, cached, dirty)


def _changelogs(recovery: Any) -> Iterator[Left]:
    for tp, end in recovery.active_highwaters.items():
        table = recovery.tp_to_table.get(tp)
        if table is not None and tp in recovery.active_tps:
            at = recovery.active_offsets.get(tp)
            left = end - (-1 if at is None else at) if recovery.in_recovery else 0
            yield Left(table.name, tp.partition, max(0, left))


def _folds(lanes: list[Progress]) -> Iterator[Left]:
    for lane in lanes:
        if lane.folds_until is not None:
            yield Left(lane.step, lane.partition, max(0, lane.folds_until - (lane.following or 0)))


def _keys(app: Any) -> Iterator[Keys]:
    for name, table in app.tables.items():
        for partition, keys in internals.keys_by_partition(table):
            yield Keys(name, partition, keys)
