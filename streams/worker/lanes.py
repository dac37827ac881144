"""All lanes of a worker: one for each step and partition number that is assigned to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, Protocol, cast

from faust.types import TP

from streams.model import KeyedStep, Record
from streams.step import Fold, Step
from streams.topics import LARGEST_MESSAGE, Topics
from streams.worker import internals
from streams.worker.config import WorkerConfig
from streams.worker.failpoints import reached
from streams.worker.flush import Effects, Offsets
from streams.worker.lane import Lane
from streams.worker.logs import Refused
from streams.worker.outbox import Outbox, Route, RowBatch
from streams.worker.partitions import Partitions
from streams.worker.producer import LaneProducer, new_producer
from streams.worker.progress import Progress, Worked
from streams.worker.sink import GroupCommit, Sink
from streams.worker.states import States
from streams.worker.watch import Watch
from streams.worker.work import FoldWork, KeyedWork

# Of each database, of which there is one per step and partition; Faust's are 2 GiB and 64 MiB.
_ROCKSDB = {"block_cache_size": 32 << 20, "write_buffer_size": 16 << 20}
_IN_VAIN_SECONDS = 0.5  # to drain while no row can be written: others wait for our partitions


class Serde(Protocol):
    """Bytes from records and back, by schema name (schemas.codec.Codec is one)."""

    def encode(self, name: str, record: Record) -> bytes: ...

    def decode(self, name: str, data: bytes | None) -> Record: ...


Commit = Callable[[Offsets], Awaitable[None]]


class Lanes:
    """Made anew at every assignment: what a lane knows beyond the store and the offsets is a cache."""

    def __init__(
        self,
        app: Any,
        config: WorkerConfig,
        steps: Sequence[Step],
        codec: Serde,
        sink: Sink,
        partitions: Partitions,
        fatal: Callable[[str, BaseException], None],
        watch: Watch,
    ) -> None:
        self._app = app
        self._config = config
        self._codec = codec
        self._sink = sink
        self._inserts = GroupCommit(sink, config.insert_every)
        self._fatal = fatal
        self._watch = watch
        self._worked: dict[tuple[str, int], Worked] = {}  # outlives the lanes, so that counters never go back
        self._step_of = {topic: step for step in steps for topic in step.reads}
        self._tables = {step.name: self._table(step) for step in steps if step.state is not None}
        self._routes = _routes(config.topics, partitions)
        self._lanes: dict[tuple[str, int], Lane] = {}
        self._producers: list[LaneProducer] = []

    def _table(self, step: Step) -> Any:
        return self._app.Table(
            step.name,
            partitions=self._config.partitions,
            key_type=bytes,
            value_type=bytes,
            options={"driver": "rocksdict", **_ROCKSDB},
            extra_topic_configs={"max.message.bytes": str(LARGEST_MESSAGE)},
        )

    # -- what the transport asks

    def reads(self, tp: TP) -> bool:
        return tp.topic in self._step_of

    def has(self, topic: str, partition: int) -> bool:
        """Whether a lane of ours works on it."""
        return self._of(TP(topic, partition)) is not None

    def full(self) -> set[TP]:
        """The topic partitions that may not be fetched now."""
        return {
            TP(topic, partition)
            for (name, partition), lane in self._lanes.items()
            if lane.full
            for topic, step in self._step_of.items()
            if step.name == name
        }

    def offer(self, tp: TP, records: Sequence[Any]) -> int | None:
        """None: taken. Else nobody may work on these now: fetch again later, from this offset."""
        lane = self._of(tp)
        first: int = records[0].offset
        if lane is None:
            return first
        begin = lane.folds_from.get((tp.topic, tp.partition))
        if begin is not None and not lane.next:
            # A fetch that began at the committed offset, before the seek to the log's beginning, would hide the rest.
            if self._app.rebalancing or 0 < lane.silent_until[tp.topic, tp.partition] <= first:
                return begin
        elif self._app.rebalancing:
            return first
        lane.offer(records)
        return None

    def folds(self, assigned: Iterable[TP]) -> list[TP]:
        """Partitions whose lane is the fold of the whole log."""
        return [tp for tp in assigned if self.reads(tp) and self._step_of[tp.topic].state is None and self._of(tp)]

    def fold_from(self, tp: TP, earliest: int, committed: int) -> int:
        """Where a fold reads on: at the log's beginning, silently up to `committed`, or where it is already."""
        lane = self._of(tp)
        assert lane is not None
        where = (tp.topic, tp.partition)
        if where in lane.next:
            return lane.next[where]
        lane.silent_until[where], lane.folds_from[where] = committed, earliest
        return earliest

    # -- life

    async def start(self, assigned: Iterable[TP], commit: Commit) -> None:
        """A lane for all that is assigned. With transactions this fences any other writer of these partitions."""
        await self.stop()
        assigned = set(assigned)
        wanted = {(self._step_of[tp.topic], tp.partition) for tp in assigned if self.reads(tp)}
        self._check_states(wanted, assigned)
        made = [self._make(step, partition, commit) for step, partition in wanted]
        self._producers = [producer for _, producer in made]
        try:
            await asyncio.gather(*(producer.start() for producer in self._producers))
        except Exception as error:  # aiokafka only logs it, and we would own partitions that nobody works on
            self._fatal("assignment", error)
            raise
        reached("worker", "fenced")
        for lane, _ in made:
            lane.start()

    def _check_states(self, wanted: set[tuple[Step, int]], assigned: set[TP]) -> None:
        """Without its changelog a lane would begin with no state. A group's leader that does not know a changelog, as
        it is new or its brokers are away, deals out the rest all the same."""
        for step, partition in wanted:
            table = self._tables.get(step.name)
            if table is not None and TP(table.changelog_topic_name, partition) not in assigned:
                error = Refused(f"{step.name}[{partition}] without {table.changelog_topic_name}")
                self._fatal("assignment", error)
                raise error

    async def stop(self) -> None:
        """Finish what was taken, within the budget; whatever is left will be read again by its next owner."""
        lanes, self._lanes = list(self._lanes.values()), {}
        seconds = self._config.drain_seconds if self._sink.away_since is None else _IN_VAIN_SECONDS
        await asyncio.gather(*(lane.drain(seconds) for lane in lanes))
        if lanes:
            reached("worker", "drained")
        producers, self._producers = self._producers, []
        await asyncio.gather(*(producer.stop() for producer in producers))

    async def close(self) -> None:
        """Stop, and wait no more for a sink that is away."""
        await self.stop()
        self._inserts.stop()

    def progress(self) -> list[Progress]:
        """How far every lane is in every topic that it reads."""
        return [
            Progress(
                name,
                topic,
                partition,
                lane.pending_since(),
                lane.next.get((topic, partition)),
                lane.committed.get((topic, partition)),
                lane.worked.get((topic, partition), Worked()),
                lane.uncommitted,
                lane.silent_until.get((topic, partition)),
            )
            for (name, partition), lane in self._lanes.items()
            for topic, step in self._step_of.items()
            if step.name == name
        ]

    def all(self) -> list[tuple[tuple[str, int], Lane]]:
        """Step, partition number and lane."""
        return sorted(self._lanes.items(), key=itemgetter(0))

    async def insert(self, batch: RowBatch) -> None:
        """Rows that belong to no record, together with what the lanes write."""
        await self._inserts.write(batch)

    # -- making one

    def _of(self, tp: TP) -> Lane | None:
        step = self._step_of.get(tp.topic)
        return None if step is None else self._lanes.get((step.name, tp.partition))

    def _make(self, step: Step, partition: int, commit: Commit) -> tuple[Lane, LaneProducer]:
        config = self._config
        producer = LaneProducer(
            new_producer(config, f"{config.app_id}-{step.name}-{partition}" if config.transactions else None),
            config.app_id,
            transactional=config.transactions,
        )
        table = self._tables.get(step.name)
        changelog = None if table is None else (table.changelog_topic_name, partition)
        watch = self._watch.lane(step.name, partition)
        lane = Lane(
            f"{step.name}[{partition}]",
            self._keyed(step, table, partition) if table is not None else FoldWork(step, cast(Fold, step.machine())),
            lambda: Outbox(self._routes, self._codec.encode, self._sink.batch()),
            Effects(
                producer=producer,
                write_rows=lambda outbox: self._inserts.write(outbox.rows),
                changelog=changelog,
                store=partial(internals.write_store, table, partition),
                commit=commit,
                reached=watch.reaching(partial(reached, step.name)),
            ),
            config.topics.rejected,
            pause=config.flush_every,
            busy_pause=config.busy_flush_every,
            waiting=config.waiting,
            ahead=config.ahead,
            fatal=self._fatal,
            watch=watch,
        )
        lane.worked = self._worked
        self._lanes[step.name, partition] = lane
        return lane, producer

    def _keyed(self, step: Step, table: Any, partition: int) -> KeyedWork:
        machine = cast("KeyedStep[object]", step.machine())
        schema = cast(str, step.state)

        def read(key: bytes) -> bytes | None:
            found: bytes | None = table.data._db_for_partition(partition).get(key)
            return found

        states = States(
            machine,
            read,
            lambda record: self._codec.encode(schema, record),
            lambda value: self._codec.decode(schema, value),
            self._config.cached,
        )
        return KeyedWork(step, machine, states)


def _routes(topics: Topics, partitions: Partitions) -> dict[str, Route]:
    return {
        "identity": Route(topics.identity, "internal/identity", partitions),
        "lead": Route(topics.lead, "internal/lead", partitions),
        "links": Route(topics.links, "internal/links", Partitions(1)),
        "rekey_devices": Route(topics.rekey_devices, "internal/rekey", partitions),
        "rekey_records": Route(topics.rekey_records, "internal/rekey", partitions),
    }
