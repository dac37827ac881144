"""What happens, in order, before an offset is committed. The only place that knows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from streams.worker.outbox import Outbox
from streams.worker.producer import Sendable
from streams.worker.states import Changed

Offsets = Mapping[tuple[str, int], int]

# What `Effects.reached` is told, in order; a test may kill the process at each (streams/worker/failpoints.py).
IN_TRANSACTION = ("cut", "written", "begun", "sent", "committed", "stored")
ONE_BY_ONE = ("cut", "written", "sent", "logged", "stored", "committed")


class Producer(Protocol):
    transactional: bool

    async def begin(self) -> None: ...

    async def send(self, messages: Mapping[tuple[str, int], Sequence[Sendable]]) -> dict[tuple[str, int], int]: ...

    async def offsets(self, offsets: Offsets) -> None: ...

    async def commit(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Effects:
    """Where a flush goes. `store` takes the changelog entries and the offset of the last of them."""

    producer: Producer
    write_rows: Callable[[Outbox], Awaitable[None]]
    changelog: tuple[str, int] | None
    store: Callable[[Sequence[Changed], int], None]
    commit: Callable[[Offsets], Awaitable[None]]
    reached: Callable[[str], None]


async def flush(outbox: Outbox, changed: Sequence[Changed], effects: Effects) -> None:
    """Rows, outputs, changelog, store, offsets; anything raised here means that nothing was committed.

    Rows come first, since they may take as long as ClickHouse is away, and an open transaction holds up everybody who
    reads its topics. They are idempotent by key and revision, so it is no harm if nothing is committed after them.
    The store never leads the changelog: it is written when the changelog is acknowledged, which under transactions
    means committed, since recovery reads committed records only.
    """
    effects.reached("cut")
    await effects.write_rows(outbox)
    effects.reached("written")
    if effects.producer.transactional:
        await _at_once(outbox, changed, effects)
    else:
        await _one_by_one(outbox, changed, effects)


async def _at_once(outbox: Outbox, changed: Sequence[Changed], effects: Effects) -> None:
    """In one transaction, whose parts need no order among themselves: nobody sees one without the others."""
    producer, reached, changelog = effects.producer, effects.reached, effects.changelog
    await producer.begin()
    reached("begun")
    messages: dict[tuple[str, int], Sequence[Sendable]] = {**outbox.sends}
    if changed and changelog is not None:
        messages[changelog] = changed
    last, _ = await asyncio.gather(producer.send(messages), producer.offsets(outbox.offsets))
    reached("sent")
    await producer.commit()
    reached("committed")
    if changed and changelog is not None:
        effects.store(changed, last[changelog])
    reached("stored")


async def _one_by_one(outbox: Outbox, changed: Sequence[Changed], effects: Effects) -> None:
    """Without transactions a crash may come between any two of these."""
    producer, reached, changelog = effects.producer, effects.reached, effects.changelog
    await producer.send(outbox.sends)
    reached("sent")
    if changed and changelog is not None:
        last = await producer.send({changelog: changed})
        reached("logged")
        effects.store(changed, last[changelog])
        reached("stored")
    await effects.commit(outbox.offsets)
    reached("committed")
