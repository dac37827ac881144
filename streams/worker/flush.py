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

# What `Effects.reached` is told, in this order; a test may kill the process at each (streams/worker/failpoints.py).
POINTS = ("begun", "sent", "written", "logged", "committed", "stored")


class Producer(Protocol):
    transactional: bool

    async def begin(self) -> None: ...

    async def send(self, messages: Mapping[tuple[str, int], Sequence[Sendable]]) -> dict[tuple[str, int], int]: ...

    async def commit(self, offsets: Offsets) -> None: ...

    async def abort(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Effects:
    """Where a flush goes. `store` takes the changelog entries and the offset of the last of them.

    patience: seconds that a transaction may stay open for the rows' sake.
    """

    producer: Producer
    write_rows: Callable[[Outbox], Awaitable[None]]
    changelog: tuple[str, int] | None
    store: Callable[[Sequence[Changed], int], None]
    commit: Callable[[Offsets], Awaitable[None]]
    reached: Callable[[str], None]
    patience: float


async def flush(outbox: Outbox, changed: Sequence[Changed], effects: Effects) -> None:
    """Outputs and rows, changelog, store, offsets; anything raised here means that nothing was committed.

    Rows are idempotent by key and revision, so they may be written although the transaction is aborted later.
    The store never leads the changelog: it is written when the changelog is acknowledged, which under transactions
    means committed, since recovery reads committed records only.
    """
    producer, reached = effects.producer, effects.reached
    rows = asyncio.ensure_future(effects.write_rows(outbox))
    try:
        await _outputs_and_rows(outbox, rows, effects)
    finally:
        rows.cancel()
    reached("written")
    last = -1
    if changed and effects.changelog is not None:
        last = (await producer.send({effects.changelog: changed}))[effects.changelog]
    reached("logged")
    if producer.transactional:
        await producer.commit(outbox.offsets)
        reached("committed")
        if changed:
            effects.store(changed, last)
        reached("stored")
    else:
        if changed:
            effects.store(changed, last)
        reached("stored")
        await effects.commit(outbox.offsets)
        reached("committed")


async def _outputs_and_rows(outbox: Outbox, rows: asyncio.Future[None], effects: Effects) -> None:
    """Both acknowledged. While the sink is away no transaction stays open: it would hold up all who read its topics,
    and end by the broker's timeout."""
    producer = effects.producer
    while True:
        await producer.begin()
        effects.reached("begun")
        await producer.send(outbox.sends)
        effects.reached("sent")
        done, _ = await asyncio.wait({rows}, timeout=effects.patience if producer.transactional else None)
        if done:
            return rows.result()
        await producer.abort()
        await rows
