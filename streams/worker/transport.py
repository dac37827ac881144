"""Faust's aiokafka transport, taking whole fetched batches of declared topics into lanes.

Registered under the entry point group `faust.transports` as the URL scheme `funnelwatch`. Everything here that leans
on internals of Faust or aiokafka is named in `streams/worker/internals.py`, where a test guards it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import aiokafka
from faust.transport.consumer import Fetcher as FaustFetcher
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.worker import internals
from streams.worker.lanes import Lanes
from streams.worker.logs import Refused
from streams.worker.recovery import BulkRecovery

_RETRY_FULL_SECONDS = 0.05


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that owns the aiokafka consumer."""

    def _create_consumer(self, loop: asyncio.AbstractEventLoop) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_consumer(loop)
        internals.read_committed_and_soon(consumer)
        return consumer

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Join once every topic is known, changelogs just made among them: a leader deals out only what it knows."""
        await self.call_thread(internals.know_topics, self._ensure_consumer(), set(topics))
        await super().subscribe(topics)

    async def rest(self, seconds: float) -> None:
        """Keep the poll clock going while nothing may be fetched, or the broker thinks that we are stuck."""
        await self.call_thread(self._rest, seconds)

    async def _rest(self, seconds: float) -> None:
        with internals.poll_clock(self._ensure_consumer()):
            await asyncio.sleep(seconds)


class Consumer(driver.Consumer):
    """Hands batches to lanes; leaves everything else to Faust."""

    _thread: ConsumerThread

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def lanes(self) -> Lanes:
        return _lanes(self.app)

    async def _getmany(
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ASYNC109
    ) -> Mapping[TP, list[Any]]:
        full = self.lanes.full()
        wanted = (active_partitions or set()) - full
        if not wanted:  # aiokafka reads an empty set as *all*
            await self._thread.rest(_RETRY_FULL_SECONDS)
            return {}
        fetched = await super()._getmany(wanted, _RETRY_FULL_SECONDS if full else timeout)
        left: dict[TP, list[Any]] = {}
        recovery = BulkRecovery(self.app)
        for tp, records in (fetched or {}).items():
            if self.lanes.reads(tp):
                again_from = self.lanes.offer(tp, records)
                if again_from is not None and tp in self.assignment():
                    await self._seek(tp, again_from)
            elif recovery.applies_to(tp):
                recovery.apply(tp, records)
            else:
                left[tp] = records
        recovery.end_if_complete()
        return left

    async def perform_seek(self) -> None:
        await super().perform_seek()
        for tp in self.lanes.folds(self.assignment()):
            earliest = (await self.earliest_offsets(tp)).get(tp) or 0
            await self._seek(tp, self.lanes.fold_from(tp, earliest, self._committed_offset.get(tp) or 0))

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await self.lanes.stop()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self.stop_flow()  # Faust does so only at the revocation of something; recovery resumes it
        BulkRecovery(self.app).begin()
        # Before recovery looks at any changelog: starting a lane's producer fences whoever still writes to it.
        await self.lanes.start(assigned, self.commit_offsets)
        await super().on_partitions_assigned(assigned, generation_id)

    async def commit_offsets(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Commit without a transaction. Raises when the group has moved on: the lane may then not go on."""
        if not await self._thread.commit({TP(*tp): offset for tp, offset in offsets.items()}):
            raise Refused(f"offsets refused by the group: {dict(offsets)}")

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust's livelock check counts its own streams only: it would take every lane and changelog for stuck."""


class Fetcher(FaustFetcher):
    """Drains the lanes before Faust closes the stores."""

    async def on_stop(self) -> None:
        await super().on_stop()
        await _lanes(self.app).stop()


class Transport(driver.Transport):
    """aiokafka with lanes."""

    Consumer: ClassVar[Any] = Consumer
    Fetcher: ClassVar[Any] = Fetcher


def _lanes(app: Any) -> Lanes:
    lanes: Lanes = app.lanes
    return lanes
