"""Has the worker done it? By its group's committed offsets, which move only after everything before them is flushed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from clickhouse_connect.driver.exceptions import ClickHouseError
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from deploy.kafka import KafkaUnavailable, client_config, reason
from deploy.settings import Settings
from deploy.topics import names
from sinks.client import SinkError, connect

Ends = dict[tuple[str, int], int]
_PAUSE = 0.2


def group(settings: Settings) -> str:
    """The worker's consumer group."""
    return f"funnelwatch-g{settings.generation}"


def ticks(clickhouse_url: str, generation: int) -> int:
    """A number that grows while a worker of the generation works (time of its last report, µs); 0 before the first."""
    try:
        client = connect(clickhouse_url)
    except SinkError:
        return 0
    try:
        sql = "SELECT toUnixTimestamp64Micro(max(at)) FROM facts.progress WHERE generation = {g:UInt32}"
        return int(client.query(sql, {"g": generation}).result_rows[0][0])
    except ClickHouseError:
        return 0
    finally:
        client.close()


class Waiter:
    """Waits until all that stood in the source topics at one moment stands in ClickHouse.

    The hops are gone through in the order of the flow: what a hop has to reach is measured when the hop before has
    reached its own end, so it holds all that came of our records, whatever else keeps coming. Raises KafkaUnavailable.
    """

    def __init__(self, settings: Settings) -> None:
        topics = names(settings)
        self._hops = (
            topics.sources,
            (topics.rekey_devices, topics.rekey_records),
            (topics.identity,),
            (topics.links,),
            (topics.identity,),
            (topics.lead,),
        )
        config = client_config(settings, group_id=group(settings), enable_auto_commit=False)
        # ends count what is not committed yet: our records may stand behind somebody else's open transaction
        self._ends_of = Consumer(config | {"isolation.level": "read_uncommitted"})
        self._records_of = Consumer(
            config
            | {"isolation.level": "read_committed", "enable.partition.eof": True, "auto.offset.reset": "earliest"}
        )
        self._last: dict[tuple[str, int], int] = {}
        self._servers = settings.kafka_bootstrap_servers

    def wait(
        self, left: Callable[[int, int], None], deadline: float = float("inf"), check: Callable[[], None] = lambda: None
    ) -> None:
        """`left(hop, records)` is told what is still to do, hops counted from 0; `check` may raise to end the waiting.

        Raises TimeoutError after `deadline` seconds.
        """
        stop_at = time.monotonic() + deadline
        for hop, topics in enumerate(self._hops):
            ends = self._ends(topics)
            while remaining := self._behind(ends):
                left(hop, remaining)
                check()
                if time.monotonic() > stop_at:
                    raise TimeoutError(
                        f"{remaining} records of {', '.join(topics)} were not worked off in {deadline:g} s"
                    )
                time.sleep(_PAUSE)
            left(hop, 0)

    @property
    def hops(self) -> int:
        return len(self._hops)

    def close(self) -> None:
        self._ends_of.close()
        self._records_of.close()

    def _ends(self, topics: Iterable[str]) -> Ends:
        try:
            found = {}
            for topic in topics:
                for number in self._ends_of.list_topics(topic, timeout=10).topics[topic].partitions:
                    _, end = self._ends_of.get_watermark_offsets(TopicPartition(topic, number), timeout=10)
                    found[topic, number] = end
            return found
        except KafkaException as error:
            raise KafkaUnavailable(f"Kafka at {self._servers}: {reason(error)}") from None

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
