"""What lanes, inserts and rebalances tell of themselves: counted for metrics, and logged where a person should know.

A log line names steps, topics, partitions, offsets and lead ids; never a key, a value or anything else of an event.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence, Set
from typing import Any, NamedTuple, Protocol

from streams.model import Micros, Origin, Raw
from streams.worker.metrics import Metrics
from streams.worker.outbox import Outbox
from streams.worker.vitals import Vitals

log = logging.getLogger("funnelwatch.worker")

SLOW_SECONDS = 5.0
REJECTS_EVERY = 10.0  # seconds between two lines about the same reason
_LEAD_ID = re.compile(rb"L[0-9a-f]{16}")


class Place(NamedTuple):
    """A record of a topic, for people."""

    topic: str
    partition: int
    offset: int


class Table(Protocol):
    @property
    def name(self) -> str: ...


class Watch:
    """Of one worker process. Times are seconds of `clock`, which is monotonic."""

    def __init__(self, topics: Collection[str] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.now: Callable[[], Micros] = lambda: int(time.time() * 1e6)  # the clock that events are dated by
        self.vitals: Callable[[], Vitals] = lambda: Vitals(clock(), None, recovered=False)
        self.sink_away_since: Callable[[], float | None] = lambda: None
        self.metrics = Metrics(lambda: self.vitals())
        self.assigned: int | None = None  # topic partitions; None before the group has dealt out any
        self.in_hand: dict[str, Raw] = {}  # by lane: the record that it could not work off
        self._topics = topics
        self._rejects: dict[str, tuple[float, int, Place]] = {}  # by reason: line written at, since then, the last
        self._recovering_since = clock()
        self._recovered = 0

    def lane(self, step: str, partition: int) -> LaneWatch:
        return LaneWatch(self, step, partition)

    # -- the sink, from its own thread

    def inserted(self, table: str, rows: int, seconds: float) -> None:
        self.metrics.insert_rows.labels(table).observe(rows)
        self.metrics.insert_seconds.labels(table).observe(seconds)

    def retried(self, table: str) -> None:
        self.metrics.insert_retries.labels(table).inc()

    # -- alerts

    def told(self, changes: Sequence[str], held: int) -> None:
        """What was said, and how many are held back."""
        for change in changes:
            self.metrics.alerts.labels(change).inc()
        self.metrics.alerts_held.set(held)
        for change, count in sorted(Counter(changes).items()):
            log.info("alerts: %s", change, extra={"count": count})

    def alerts_held(self, held: int) -> None:
        self.metrics.alerts_held.set(held)

    def alerts_wait(self, waiting: bool) -> None:
        self.metrics.alerts_waiting.set(waiting)

    # -- the group, as Faust's signals; and recovery

    async def on_assigned(self, app: Any, /, *given: Any, **_: Any) -> None:
        assigned: Set[Any] = given[0]
        self.assigned = len(assigned)
        self.metrics.assignments.inc()
        self._recovering_since, self._recovered = self.clock(), 0
        changelogs = sum(tp.topic in app.tables.changelog_topics for tp in assigned)
        log.info("assigned %d partitions; recovering %d of tables", len(assigned) - changelogs, changelogs)

    async def on_revoked(self, _app: Any, /, *given: Any, **_: Any) -> None:
        log.info("gave back %d partitions, changelogs included", len(given[0]))

    async def on_recovered(self, *_given: Any, **_: Any) -> None:
        seconds = self.clock() - self._recovering_since
        log.info("recovered: %d records of tables in %.1f s", self._recovered, seconds)

    def recovered(self, table: Table, records: int) -> None:
        self._recovered += records
        self.metrics.recovered.labels(table.name).inc(records)

    # -- lanes

    def refused(self, step: str, origin: Origin, reason: str) -> None:
        """One line for the first record of a reason, then one per interval: poison comes in storms."""
        topic = origin.topic if origin.topic in self._topics else "other"
        self.metrics.rejects.labels(topic, reason).inc()
        place = Place(topic, origin.partition, origin.offset)
        known = self._rejects.get(reason)
        if known is None:
            self._rejects[reason] = (self.clock(), 0, place)
            log.info("rejected: %s", reason, extra={"step": step, "reason": reason, **place._asdict()})
        else:
            self._rejects[reason] = (known[0], known[1] + 1, place)

    def tick(self) -> None:
        """Says what gathered; call it now and then."""
        now = self.clock()
        for reason, (since, more, last) in list(self._rejects.items()):
            if now - since < REJECTS_EVERY:
                continue
            if not more:
                del self._rejects[reason]
                continue
            self._rejects[reason] = (now, 0, last)
            extra = {"reason": reason, "count": more, **last._asdict()}
            log.info("rejected: %s, %d more within %.0f s, the last one here", reason, more, now - since, extra=extra)

    def died(self, lane: str, error: BaseException) -> None:
        """The last line of a process: what failed, where in the code, and with which record in hand."""
        step, _, partition = lane.rstrip("]").partition("[")
        fields: dict[str, object] = {"step": step, "partition": int(partition)} if partition else {"step": step}
        record = self.in_hand.get(lane)
        if record is not None:
            fields |= {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            if record.key is not None and _LEAD_ID.fullmatch(record.key):
                fields["lead"] = record.key.decode()
        log.critical("%s failed, nothing of it is committed", lane, exc_info=error, extra=fields)


class LaneWatch:
    """Of one lane."""

    def __init__(self, watch: Watch, step: str, partition: int) -> None:
        self._watch = watch
        self._step = step
        self._partition = partition
        self._began: float | None = None
        self._last = 0.0
        self._phases: dict[str, float] = {}

    def reaching(self, then: Callable[[str], None]) -> Callable[[str], None]:
        """`Effects.reached`, with a look at the clock before `then`."""

        def reached(point: str) -> None:
            now = self._watch.clock()
            if self._began is None:
                self._began = self._last = now
                self._phases = {}
            else:
                self._phases[point] = now - self._last
                self._last = now
            then(point)

        return reached

    def flushed(self, outbox: Outbox) -> None:
        """All of it is committed."""
        metrics, step = self._watch.metrics, self._step
        metrics.freshness.add(step, outbox.sources, self._watch.now())
        metrics.flush_records.labels(step).observe(outbox.records)
        for phase, seconds in self._phases.items():
            metrics.flush_phase_seconds.labels(step, phase).observe(seconds)
        whole = sum(self._phases.values())
        metrics.flush_seconds.labels(step).observe(whole)
        self._began = None
        if whole > SLOW_SECONDS:
            where = ", ".join(f"{phase} {seconds:.1f}" for phase, seconds in self._phases.items())
            fields = {"step": step, "partition": self._partition, "count": outbox.records}
            log.warning("slow flush of %d records: %.1f s (%s)", outbox.records, whole, where, extra=fields)

    def refused(self, origin: Origin, reason: str) -> None:
        self._watch.refused(self._step, origin, reason)

    def stumbled(self, record: Raw) -> None:
        """This record is why the lane fails."""
        self._watch.in_hand[f"{self._step}[{self._partition}]"] = record
