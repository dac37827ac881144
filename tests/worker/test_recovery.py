"""When bulk recovery may end: never by what an earlier recovery left behind."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import rocksdict
from faust.types import TP

from streams.worker import internals
from streams.worker.recovery import BulkRecovery
from streams.worker.watch import Watch

CHANGELOG = TP("changelog", 0)


class Record(NamedTuple):
    offset: int
    key: bytes = b"k"
    value: bytes = b"v"


class Recovery:
    """What BulkRecovery needs of Faust's."""

    def __init__(self, offset: int | None, highwater: int | None) -> None:
        self.in_recovery = True
        self.active_tps = {CHANGELOG}
        self.active_offsets = {CHANGELOG: offset}
        self.active_highwaters = {} if highwater is None else {CHANGELOG: highwater}
        self.signal_recovery_end = asyncio.Event()
        self.applied: list[int] = []
        self.tp_to_table = {CHANGELOG: SimpleNamespace(name="table", data=self)}
        self.offset_key = b"offset"

    def _db_for_partition(self, partition: int) -> Recovery:
        return self

    def write(self, batch: rocksdict.WriteBatch) -> None:
        self.applied += [len(batch) - 1]  # one is the offset

    def need_recovery(self) -> bool:
        return any(end > (self.active_offsets[tp] or -1) for tp, end in self.active_highwaters.items())

    def _set_recovery_ended(self) -> None:
        self.in_recovery = False


def bulk(recovery: Recovery, flow_active: bool = True) -> BulkRecovery:
    consumer = SimpleNamespace(flow_active=flow_active)
    tables = SimpleNamespace(recovery=recovery)
    return BulkRecovery(SimpleNamespace(tables=tables, consumer=consumer, watch=Watch()))


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(internals, "position", lambda consumer, topic, partition: 5)


@pytest.mark.usefixtures("at")
@pytest.mark.parametrize("highwater", [None, 4])  # not known yet; that of the last recovery
def test_it_does_not_end_before_the_highwaters_are_known(highwater: int | None) -> None:
    recovery = Recovery(4, highwater)
    bulk(recovery, flow_active=False).end_if_complete()
    assert recovery.in_recovery and not recovery.signal_recovery_end.is_set()


@pytest.mark.usefixtures("at")
def test_its_end_is_not_that_of_the_next_one() -> None:
    recovery = Recovery(4, 4)
    bulk(recovery).end_if_complete()
    assert recovery.signal_recovery_end.is_set()
    bulk(recovery).begin()
    assert not recovery.signal_recovery_end.is_set()


def test_what_the_store_has_already_is_not_applied_again() -> None:
    recovery = Recovery(7, 20)
    bulk(recovery).apply(CHANGELOG, [Record(offset) for offset in range(5, 10)])
    bulk(recovery).apply(CHANGELOG, [Record(offset) for offset in range(3)])
    assert recovery.applied == [2] and recovery.active_offsets == {CHANGELOG: 9}
