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


class Producer(Protocol):
    transactional: bool

    async def begin(self) -> None: ...

    async def send(self, messages: Mapping[tuple[str, int], Sequence[Sendable]]) -> dict[tuple[str, int], int]: ...

    async def commit(self, offsets: Offsets) -> None: ...


@dataclass(frozen=True, slots=True)
class Effects:
    """Where a flush goes. `store` takes the changelog entries and the offset of the last of them."""

    producer: Producer
    write_rows: Callable[[Outbox], Awaitable[None]]
    changelog: tuple[str, int] | None
    store: Callable[[Sequence[Changed], int], None]
    commit: Callable[[Offsets], Awaitable[None]]


async def flush(outbox: Outbox, changed: Sequence[Changed], effects: Effects) -> None:
    """Outputs and rows, changelog, store, offsets; anything raised here means that nothing was committed.

    Rows are idempotent by key and revision, so they may be written although the transaction is aborted later.
    The store never leads the changelog: it is written when the changelog is acknowledged, which under transactions
    means committed, since recovery reads committed records only.
    """
    producer = effects.producer
    await producer.begin()
    await asyncio.gather(producer.send(outbox.sends), effects.write_rows(outbox))
    last = -1
    if changed and effects.changelog is not None:
        last = (await producer.send({effects.changelog: changed}))[effects.changelog]
    if producer.transactional:
        await producer.commit(outbox.offsets)
        if changed:
            effects.store(changed, last)
    else:
        if changed:
            effects.store(changed, last)
        await effects.commit(outbox.offsets)
