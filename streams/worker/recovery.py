"""Table recovery in whole fetched batches: ten times Faust's own, which takes the changelog record by record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faust.types import TP

from streams.worker import internals
from streams.worker.failpoints import reached


class BulkRecovery:
    """What one fetch brings of the changelogs that Faust is recovering from."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._recovery = app.tables.recovery

    def applies_to(self, tp: TP) -> bool:
        return tp.topic in self._app.tables.changelog_topics

    def begin(self) -> None:
        """At an assignment: the end of an earlier recovery, which Faust may not have cleared yet, is not this one's."""
        self._recovery.signal_recovery_end.clear()

    def apply(self, tp: TP, records: Sequence[Any]) -> None:
        if tp not in self._recovery.active_tps:
            return
        # A fetch may have begun at the log's start, before recovery sought to what the store has: that is older.
        known = self._recovery.active_offsets[tp]
        if known is not None and records[0].offset <= known:
            records = [record for record in records if record.offset > known]
            if not records:
                return
        table = self._recovery.tp_to_table[tp]
        internals.write_store(table, tp.partition, [(r.key, r.value) for r in records], records[-1].offset)
        self._recovery.active_offsets[tp] = max(records[-1].offset, self._recovery.active_offsets[tp] or -1)
        self._app.watch.recovered(table, len(records))
        reached("worker", "recovering")

    def end_if_complete(self) -> None:
        """Tell Faust once every changelog is read to its end.

        By position, as the last records may be the markers of a transaction, which no consumer is ever shown. Not
        while the flow is stopped: a fetch that began before the rebalance may end after recovery has begun, and the
        ends of the changelogs are not known yet.
        """
        recovery = self._recovery
        if not recovery.in_recovery or not self._app.consumer.flow_active:
            return
        for tp, highwater in recovery.active_highwaters.items():
            position = internals.position(self._app.consumer, tp.topic, tp.partition)
            if position is not None and position > highwater:
                recovery.active_offsets[tp] = max(highwater, recovery.active_offsets[tp] or -1)
        if not recovery.need_recovery():
            recovery._set_recovery_ended()
            recovery.signal_recovery_end.set()
