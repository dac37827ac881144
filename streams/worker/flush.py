"""What happens, in order, before an offset is committed. The only place that knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from streams.worker.outbox import Outbox
from streams.worker.producer import Sendable
from streams.worker.states import Changed

Offsets = Mapping[tuple[str, int], int]

# What `Effects.reached` is told, in this order; a test may kill the process at each (streams/worker/failpoints.py).
POINTS = ("cut", "written", "begun", "sent", "logged", "committed", "stored")


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
    reached: Callable[[str], None]


async def flush(outbox: Outbox, changed: Sequence[Changed], effects: Effects) -> None:
    """Rows, outputs, changelog, store, offsets; anything raised here means that nothing was committed.

    Rows come first, since they may take as long as ClickHouse is away, and an open transaction holds up everybody who
    reads its topics. They are idempotent by key and revision, so it is no harm if nothing is committed after them.
    The store never leads the changelog: it is written when the changelog is acknowledged, which under transactions
    means committed, since recovery reads committed records only.
    """
    producer, reached = effects.producer, effects.reached
    reached("cut")
    await effects.write_rows(outbox)
    reached("written")
    await producer.begin()
    reached("begun")
    await producer.send(outbox.sends)
    reached("sent")
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
