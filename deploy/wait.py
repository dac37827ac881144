"""Has the worker done it? By its group's committed offsets, which move only after everything before them is flushed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from clickhouse_connect.driver.exceptions import ClickHouseError
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from deploy.kafka import KafkaUnavailable, client_config, reason
from deploy.settings import Settings
from deploy.topics import names
from sinks.client import Client, SinkError, connect

Ends = dict[tuple[str, int], int]
_PAUSE = 0.2
_ANSWER = 10.0
_MOVING = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)


def group(settings: Settings) -> str:
    """The worker's consumer group."""
    return names(settings).group


class WorkerSilent(RuntimeError):
    """No worker of the generation has reported for a while; one line."""


class Ticks:
    """How often a worker of the generation has reported: a number that grows while one works."""

    def __init__(self, settings: Settings) -> None:
        self._address, self._generation = settings.clickhouse_address, settings.generation
        self._client: Client | None = None

    def read(self) -> int:
        """0 before the first report, and while ClickHouse does not answer."""
        sql = "SELECT toUnixTimestamp64Micro(max(at)) FROM facts.progress WHERE generation = {g:UInt32}"
        try:
            self._client = self._client or connect(self._address)
            return int(self._client.query(sql, {"g": self._generation}).result_rows[0][0])
        except (ClickHouseError, SinkError):
            return 0

    def close(self) -> None:
        if self._client is not None:
            self._client.close()


class Watchdog:
    """Tells a worker that takes long from one that is not there."""

    def __init__(self, settings: Settings, patience: float = 60.0) -> None:
        self._ticks, self._patience = Ticks(settings), patience
        self._last, self._heard, self._looked = -1, time.monotonic(), 0.0

    def look(self) -> None:
        """Raises WorkerSilent; call it as often as you like."""
        now = time.monotonic()
        if now - self._looked < 1.0:
            return
        self._looked = now
        if (ticks := self._ticks.read()) != self._last:
            self._last, self._heard = ticks, now
        elif now - self._heard > self._patience:
            raise WorkerSilent(f"no worker has reported for {self._patience:g} s; funnelwatch doctor says more")

    def close(self) -> None:
        self._ticks.close()


class Waiter:
    """Waits until all that stood in the source topics at one moment stands in ClickHouse.

    The hops are gone through in the order of the flow: what a hop has to reach is measured when the hop before has
    reached its own end, so it holds all that came of our records, whatever else keeps coming. Raises KafkaUnavailable.
    """

    def __init__(self, settings: Settings) -> None:
        topics = names(settings)
        self._hops = {
            "sessionize, route": topics.sources,
            "re-keyed": (topics.rekey_devices, topics.rekey_records),
            "identify": (topics.identity,),
            "resolve": (topics.links,),
            "identify, assigned": (topics.identity,),
            "journey": (topics.lead,),
        }
        config = client_config(
            settings,
            group_id=group(settings),
            enable_auto_commit=False,
            enable_partition_eof=True,
            auto_offset_reset="earliest",
            fetch_wait_max_ms=10,
        )
        # ends count what is not committed yet: our records may stand behind somebody else's open transaction
        self._ends_of = Consumer(config | {"isolation.level": "read_uncommitted"})
        self._records_of = Consumer(config | {"isolation.level": "read_committed"})
        self._last: dict[tuple[str, int], int] = {}
        self._servers = settings.kafka_bootstrap_servers

    def wait(
        self,
        left: Callable[[int, int], None] = lambda *_: None,
        check: Callable[[], None] = lambda: None,
        deadline: float = float("inf"),
    ) -> None:
        """`left(hop, records)` is told what is still to do, hops counted from 0; `check` may raise to end the waiting.

        Raises TimeoutError after `deadline` seconds.
        """
        stop_at = time.monotonic() + deadline
        for hop, (name, topics) in enumerate(self._hops.items()):
            ends = self._ends(topics)
            while remaining := self._behind(ends):
                left(hop, remaining)
                check()
                if time.monotonic() > stop_at:
                    raise TimeoutError(f"{remaining} records were not worked off in {deadline:g} s: {name}")
                time.sleep(_PAUSE)
            left(hop, 0)

    @property
    def hops(self) -> list[str]:
        return list(self._hops)

    def close(self) -> None:
        self._ends_of.close()
        self._records_of.close()

    def _ends(self, topics: Iterable[str]) -> Ends:
        """Where the topics end now. Read there rather than asked for: the embedded broker answers one batch too low."""
        consumer, found = self._ends_of, Ends()
        try:
            asked = []
            for topic in topics:
                numbers = consumer.list_topics(topic, timeout=_ANSWER).topics[topic].partitions
                asked += [TopicPartition(topic, number, self._told_end(topic, number)) for number in numbers]
            consumer.assign(asked)
            while len(found) < len(asked):
                message = consumer.poll(_ANSWER)
                if message is None:
                    raise KafkaUnavailable(f"Kafka at {self._servers}: no answer within {_ANSWER:g} s")
                if (error := message.error()) is None:
                    continue
                if error.code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(error)
                found[message.topic() or "", message.partition() or 0] = message.offset() or 0
            return found
        except KafkaException as error:
            raise KafkaUnavailable(f"Kafka at {self._servers}: {reason(error)}") from None
        finally:
            consumer.unassign()

    def _told_end(self, topic: str, partition: int) -> int:
        """As the broker says. A partition that was just made, or moves, has nobody to say it for a moment."""
        until = time.monotonic() + _ANSWER
        while True:
            try:
                return self._ends_of.get_watermark_offsets(TopicPartition(topic, partition), timeout=_ANSWER)[1]
            except KafkaException as error:
                if error.args[0].code() not in _MOVING or time.monotonic() > until:
                    raise
            time.sleep(_PAUSE)

    def _behind(self, ends: Mapping[tuple[str, int], int]) -> int:
        """Records before `ends` that are not committed yet. Markers of transactions are offsets, but no records."""
        try:
            committed = self._ends_of.committed([TopicPartition(*where) for where in ends], timeout=10)
        except KafkaException as error:
            raise KafkaUnavailable(f"Kafka at {self._servers}: {reason(error)}") from None
        total = 0
        for one in committed:
            where, offset = (one.topic, one.partition), max(one.offset, 0)
            if (behind := ends[where] - offset) > 0:
                moving = self._last.get(where) != offset
                self._last[where] = offset
                # a look at the log is dear, and while much is left or commits move the answer is known
                if moving or self._holds_records(where, offset, ends[where]):
                    total += behind
        return total

    def _holds_records(self, where: tuple[str, int], offset: int, end: int) -> bool:
        self._records_of.assign([TopicPartition(*where, offset)])
        try:
            message = self._records_of.poll(5)
            if message is None:
                return True  # no answer: ask again later
            if (error := message.error()) is not None and error.code() != KafkaError._PARTITION_EOF:
                return True
            return (message.offset() or 0) < end  # the end of what is committed may stand before an open transaction
        finally:
            self._records_of.unassign()
