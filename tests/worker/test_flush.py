"""The order of effects, recorded as it happens; and that nothing after a failure happens at all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from streams.worker.flush import IN_TRANSACTION, ONE_BY_ONE, Effects, Offsets, flush
from streams.worker.outbox import Message, Outbox
from streams.worker.states import Changed
from tests.worker.counting import Batch

CHANGELOG = ("changelog", 0)


class Recorded:
    """Every effect as it is carried out; the one named `fails` raises instead."""

    def __init__(self, transactional: bool, fails: str = "") -> None:
        self.transactional = transactional
        self.happened: list[str] = []
        self.points: list[str] = []
        self._fails = fails

    def note(self, what: str) -> None:
        if what == self._fails:
            raise ConnectionError(what)
        self.happened.append(what)

    async def begin(self) -> None:
        self.note("begin")

    async def send(self, messages: Mapping[tuple[str, int], Sequence[Any]]) -> dict[tuple[str, int], int]:
        await asyncio.sleep(0)
        for tp in messages:
            self.note("changelog" if tp == CHANGELOG else "outputs")
        return dict.fromkeys(messages, 7)

    async def offsets(self, offsets: Offsets) -> None:
        self.note("offsets of the transaction")

    async def commit(self) -> None:
        await asyncio.sleep(0)
        self.note("commit of the transaction")

    async def rows(self, outbox: Outbox) -> None:
        await asyncio.sleep(0)
        self.note("rows")

    def store(self, changed: Sequence[Changed], last: int) -> None:
        assert last == 7
        self.note("store")

    async def commit_alone(self, offsets: Offsets) -> None:
        self.note("offsets")

    def run(self) -> None:
        outbox = Outbox({}, lambda name, record: b"", Batch())
        outbox.sends["out", 0] = [Message(b"k", b"v")]
        effects = Effects(self, self.rows, CHANGELOG, self.store, self.commit_alone, self.points.append)
        asyncio.run(flush(outbox, [Changed(b"k", b"v")], effects))


def test_with_transactions_the_commit_comes_before_the_store_and_nothing_after() -> None:
    recorded = Recorded(transactional=True)
    recorded.run()
    first, second, *parts, last_but_one, last = recorded.happened
    assert (first, second, last_but_one, last) == ("rows", "begin", "commit of the transaction", "store")
    assert sorted(parts) == ["changelog", "offsets of the transaction", "outputs"]
    assert recorded.points == list(IN_TRANSACTION)


def test_without_transactions_the_offsets_come_last() -> None:
    recorded = Recorded(transactional=False)
    recorded.run()
    assert recorded.happened == ["rows", "outputs", "changelog", "store", "offsets"]
    assert recorded.points == list(ONE_BY_ONE)


@pytest.mark.parametrize(
    ("fails", "transactional"),
    [
        *(
            (fails, transactional)
            for fails in ("outputs", "rows", "changelog", "store")
            for transactional in (True, False)
        ),
        ("offsets of the transaction", True),
    ],
)
def test_a_failure_commits_nothing(transactional: bool, fails: str) -> None:
    recorded = Recorded(transactional, fails)
    with pytest.raises(ConnectionError, match=fails):
        recorded.run()
    committed = {"commit of the transaction", "offsets"} & set(recorded.happened)
    # The store is written after a transaction: what it lacks, recovery brings from the changelog.
    assert not committed or (transactional and fails == "store")
