"""One lane: everything that one step reads from one partition number, worked off in order by one task."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from streams.judge import kept
from streams.model import Effect, Micros, Origin, Raw, Record, Reject, Row, Send
from streams.worker.config import Most
from streams.worker.flush import Effects, flush
from streams.worker.outbox import Outbox
from streams.worker.progress import Worked
from streams.worker.watch import LaneWatch

_TURN, _LONGEST_TURN = 4, 256  # records worked off before other lanes and the network get their turn
_GATHER_SECONDS = 0.01  # for what comes with the first record that waits for a flush

_RECORD_BYTES = 300  # what a fetched record takes in memory beside its value


class Work(Protocol):
    """What a lane does with a record; made by streams.flow for each lane."""

    def take(self, record: Raw) -> Iterator[Effect]: ...

    def fold_again(self, record: Raw) -> None: ...

    def source_at(self) -> Micros: ...

    def origin(self) -> Origin: ...

    def cut(self) -> Sequence[Any]: ...

    def stored(self, cut: Sequence[Any]) -> None: ...

    def sizes(self) -> Mapping[str, int]: ...


class Lane:
    """Reads on while it flushes; never more than one flush at a time, and never a commit after a failed one."""

    def __init__(
        self,
        name: str,
        work: Work,
        new_outbox: Callable[[], Outbox],
        effects: Effects,
        rejected: Callable[[str], str],
        *,
        pause: float,
        busy_pause: float,
        waiting: Most,
        ahead: Most,
        fatal: Callable[[str, BaseException], None],
        watch: LaneWatch,
    ) -> None:
        self.name = name
        self.next: dict[tuple[str, int], int] = {}  # by (topic, partition): the next offset to work off
        self.committed: dict[tuple[str, int], int] = {}
        self.silent_until: dict[tuple[str, int], int] = {}  # below: folded again after a restart, not committed again
        self.folds_from: dict[tuple[str, int], int] = {}  # where such a log begins
        self.worked: dict[tuple[str, int], Worked] = {}
        self._work = work
        self._new_outbox = new_outbox
        self._outbox = new_outbox()
        self._effects = effects
        self._rejected = rejected
        self._pause = pause
        self._busy_pause = busy_pause
        self._most_waiting = waiting
        self._most_ahead = ahead
        self._fatal = fatal
        self._watch = watch
        self._inbox: deque[Raw] = deque()
        self._inbox_size = 0  # bytes
        self._arrived = asyncio.Event()
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._flushing: Outbox | None = None
        self._flushed_at = 0.0
        self._draining = False  # take no more, finish what is here
        self._failed = False
        self._finished = False  # all of it is worked off, perhaps not flushed
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._guard(self._work_off()), name=f"{self.name} work"),
            asyncio.create_task(self._guard(self._flush_on()), name=f"{self.name} flush"),
        ]

    @property
    def full(self) -> bool:
        return len(self._inbox) >= self._most_waiting.records or self._inbox_size >= self._most_waiting.size

    @property
    def waiting(self) -> int:
        """Records that are not worked off yet."""
        return len(self._inbox)

    @property
    def uncommitted(self) -> int:
        """Records that were taken and are not committed yet."""
        return len(self._inbox) + sum(box.records for box in (self._flushing, self._outbox) if box is not None)

    def sizes(self) -> Mapping[str, int]:
        """Of its states in memory."""
        return self._work.sizes()

    def offer(self, records: Sequence[Raw]) -> None:
        """Take over fetched records of one topic partition; what was already taken is skipped."""
        first = records[0]
        tp = (first.topic, first.partition)
        expected = self.next.get(tp, 0)
        new = records if first.offset >= expected else [r for r in records if r.offset >= expected]
        self._inbox.extend(new)
        self._inbox_size += sum(map(_size, new))
        self.next[tp] = max(expected, records[-1].offset + 1)
        self._arrived.set()

    def pending_since(self) -> Micros | None:
        """Kafka append time of the oldest record that is not committed yet, None when all is."""
        ages = [box.oldest for box in (self._flushing, self._outbox) if box is not None and box.oldest is not None]
        if self._inbox:
            ages.append(self._inbox[0].timestamp * 1000)
        return min(ages) if ages else None

    async def drain(self, seconds: float) -> bool:
        """Finish what was taken, within `seconds`; then stop for good. True when all of it is committed."""
        self._draining = True
        self._arrived.set()
        _, late = await asyncio.wait(self._tasks, timeout=seconds) if self._tasks else (set(), set())
        for task in late:
            task.cancel()
        return not late and not self._failed

    async def _guard(self, body: Any) -> None:
        try:
            await body
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._failed = True
            self._fatal(self.name, error)

    async def _work_off(self) -> None:
        while True:
            if not self._inbox:
                if self._draining:
                    self._finished = True
                    self._something.set()
                    return
                self._arrived.clear()
                await self._arrived.wait()
                continue
            await self._room.wait()
            waiting = len(self._inbox)
            # Who is behind takes longer turns: to go from lane to lane costs the processor what it has in its cache.
            for _ in range(min(waiting, _LONGEST_TURN, max(_TURN, waiting // 8))):
                record = self._inbox.popleft()
                self._inbox_size -= _size(record)
                try:
                    self._take(record)
                except Exception:
                    self._watch.stumbled(record)
                    raise
                if self._outbox.records >= self._most_ahead.records or self._outbox.size >= self._most_ahead.size:
                    self._room.clear()
                    break
            self._something.set()
            await asyncio.sleep(0)

    def _take(self, record: Raw) -> None:
        outbox = self._outbox
        tp = (record.topic, record.partition)
        if record.offset < self.silent_until.get(tp, 0):
            self._work.fold_again(record)
            return
        worked = self.worked.get(tp)
        if worked is None:
            worked = self.worked[tp] = Worked()
        for effect in self._work.take(record):
            if type(effect) is Send:
                worked.messages += 1
                outbox.send(effect)
            elif type(effect) is Row:
                worked.rows += 1
                outbox.row(effect, record.offset, self._work.source_at())
            else:
                assert isinstance(effect, Reject)
                self._refuse(outbox, effect)
        outbox.read(record.topic, record.partition, record.offset, self._work.source_at())
        worked.events += 1

    def _refuse(self, outbox: Outbox, why: Reject) -> None:
        origin = kept(self._work.origin())
        topic = self._rejected(origin.topic)
        message: Record = {
            "reason": why.reason,
            "detail": why.detail,
            "topic": origin.topic,
            "partition": origin.partition,
            "offset": origin.offset,
            "appended_at": origin.appended_at,
            "key": origin.key,
            "value": origin.value,
        }
        outbox.put(topic, 0, origin.key or b"", "internal/rejected", message)
        values = {"reason": why.reason, "detail": why.detail, "appended_at": origin.appended_at}
        key = (origin.topic, origin.partition, origin.offset)
        outbox.rows.add("rejects", key, values, origin.offset, origin.appended_at)
        self._watch.refused(origin, why.reason)

    async def _flush_on(self) -> None:
        while True:
            if self._outbox.empty:
                if self._finished:
                    return
                self._something.clear()
                await self._something.wait()
                continue
            if not self._draining:
                await self._gather()
            await self._flush_once()
            self._flushed_at = _now()

    async def _gather(self) -> None:
        """A pause, and a longer one while more waits than was worked off: a large flush costs less a record."""
        began = _now()
        await asyncio.sleep(max(_GATHER_SECONDS, self._flushed_at + self._pause - began))
        while len(self._inbox) > self._outbox.records and self._room.is_set() and not self._draining:
            if _now() >= began + self._busy_pause:
                return
            await asyncio.sleep(_GATHER_SECONDS)

    async def _flush_once(self) -> None:
        # Cut both at one instant: nothing is awaited between the states and the outbox.
        changed = self._work.cut()
        outbox, self._outbox = self._outbox, self._new_outbox()
        self._flushing = outbox
        self._room.set()
        await flush(outbox, changed, self._effects)
        self._work.stored(changed)
        self.committed.update(outbox.offsets)
        self._flushing = None
        self._watch.flushed(outbox)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _size(record: Raw) -> int:
    return len(record.value or b"") + _RECORD_BYTES
