"""The bytes of refused messages, from the topics that keep them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from deploy.cli.errors import Failure
from deploy.kafka import KafkaUnavailable, client_config, reason
from deploy.rejects.boards import Known
from deploy.rejects.place import Place, rejected_topic
from deploy.settings import Settings
from deploy.wait import group
from schemas.codec import Codec, Undecodable
from streams.model import Record

_ANSWER = 10.0
_AT_ONCE = 500  # messages
_PAUSE = 0.2
# A row is written while its message is sent, and both again after a failure; the clocks of both may differ, too.
_EARLIER = timedelta(hours=1)
_PARTITION = 0  # of a rejected topic: the only one that is written

Told = Callable[[int, int], None]
"""(messages looked at, messages to look at)."""


class Kept:
    """One rejected topic. Raises KafkaUnavailable, and Failure where the topic is not there."""

    def __init__(self, settings: Settings, codec: Codec, topic: str) -> None:
        self.name = rejected_topic(settings, topic)
        self._topic, self._codec, self._servers = topic, codec, settings.kafka_bootstrap_servers
        self._consumer = Consumer(
            client_config(
                settings,
                group_id=f"{group(settings)}-rejects",  # of no meaning: nothing is committed
                enable_auto_commit=False,
                enable_partition_eof=True,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
            )
        )

    def close(self) -> None:
        self._consumer.close()

    def find(self, wanted: Sequence[Known], told: Told = lambda *_: None) -> Iterator[tuple[Known, Record]]:
        """Each that is still there, once, as schemas/internal/rejected.avsc has it. Begins where the first of them
        was refused, and looks at what stands before that only if one is missing."""
        left = {one.place: one for one in wanted if one.place.topic == self._topic}
        if not left:
            return
        try:
            low, high = self._bounds()
            start = self._offset_at(min(one.refused_at for one in left.values()) - _EARLIER, low, high)
            total = high - start
            for begin, end in ((start, None), (low, start)):
                if end is not None:
                    total += end - begin
                if not left or begin == end:
                    continue
                for message in self._read(begin, end):
                    if (found := self._understood(message)) and (known := left.pop(found[0], None)):
                        yield known, found[1]
                        if not left:
                            told(total, total)
                            return
                    told(min((message.offset() or 0) + 1 - begin + (0 if end is None else high - start), total), total)
        except KafkaException as error:
            raise KafkaUnavailable(f"Kafka at {self._servers}: {self.name}: {reason(error)}") from None

    def _bounds(self) -> tuple[int, int]:
        if (known := self._consumer.list_topics(self.name, timeout=_ANSWER).topics[self.name]).error is not None:
            raise Failure(f"topic {self.name}: {known.error.str()}; funnelwatch topics makes it")
        low, high = self._consumer.get_watermark_offsets(TopicPartition(self.name, _PARTITION), timeout=_ANSWER)
        return low, high

    def _offset_at(self, at: datetime, low: int, high: int) -> int:
        """Of the first message not older; `low` where the broker does not say."""
        asked = TopicPartition(self.name, _PARTITION, int(at.timestamp() * 1000))
        try:
            (found,) = self._consumer.offsets_for_times([asked], timeout=_ANSWER)
        except KafkaException:
            return low
        if found.error is not None:
            return low
        return high if found.offset < 0 else max(low, found.offset)

    def _read(self, begin: int, end: int | None) -> Iterator[Message]:
        """To `end`, or to where the topic ends: read there, as the embedded broker tells an end one batch too low."""
        self._consumer.assign([TopicPartition(self.name, _PARTITION, begin)])
        heard = time.monotonic()
        while True:
            messages = self._consumer.consume(_AT_ONCE, _PAUSE)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > _ANSWER:
                raise KafkaUnavailable(f"Kafka at {self._servers}: {self.name}: no answer within {_ANSWER:g} s")
            for message in messages:
                if (error := message.error()) is None:
                    if end is not None and (message.offset() or 0) >= end:
                        return
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    return
                else:
                    raise KafkaException(error)

    def _understood(self, message: Message) -> tuple[Place, Record] | None:
        try:
            record = self._codec.decode("internal/rejected", message.value())
        except Undecodable:  # somebody else's
            return None
        return Place(record["topic"], record["partition"], record["offset"]), record
