"""The topic of alerts: all that was said last of each key, read from its beginning, and the way to say more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from streams.alert import Alert
from streams.worker.config import WorkerConfig
from streams.worker.lanes import Serde
from streams.worker.producer import new_producer

log = logging.getLogger("funnelwatch.worker")

SCHEMA = "outputs/leaks"
PARTITION = 0  # the only one that is written, however many there are: what is said has one order
_READ_WITHIN = 60.0
_SEND_WITHIN = 60.0
_GOODBYE = 2.0
_AT_ONCE = 500  # records decoded, and sent, before others get their turn
_QUIET_MS = 200  # the embedded broker tells an end one batch too low: read on until nothing comes


class Said:
    """Open from `start` to `stop`. Another worker may write for a moment, too: `catch_up` reads what it said."""

    def __init__(self, config: WorkerConfig, codec: Serde) -> None:
        self._config = config
        self._codec = codec
        self._at = TopicPartition(config.topics.leaks, PARTITION)
        self._consumer: AIOKafkaConsumer | None = None
        self._producer: AIOKafkaProducer | None = None
        self.last: dict[str, Alert] = {}

    @property
    def is_open(self) -> bool:
        return self._consumer is not None

    async def start(self) -> None:
        """Raises KafkaError."""
        self.last = {}
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._config.bootstrap_servers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            **self._config.security,
        )
        self._producer = new_producer(self._config, None)
        await self._consumer.start()
        await self._producer.start()
        self._consumer.assign([self._at])

    async def stop(self) -> None:
        """Forgets all. Does not wait for brokers that are away."""
        parts, self._consumer, self._producer, self.last = (self._consumer, self._producer), None, None, {}
        for part in parts:
            if part is not None:
                with suppress(Exception):  # as they may be
                    await asyncio.wait_for(part.stop(), _GOODBYE)

    async def catch_up(self) -> None:
        """Read to the topic's end. Raises KafkaError, TimeoutError."""
        consumer = self._consumer
        assert consumer is not None
        async with asyncio.timeout(_READ_WITHIN):
            end = (await consumer.end_offsets([self._at]))[self._at]
            while True:
                fetched = await consumer.getmany(self._at, timeout_ms=_QUIET_MS, max_records=_AT_ONCE)
                records = fetched.get(self._at, [])
                for record in records:
                    self._take(record.key, record.value)
                if not records and await consumer.position(self._at) >= end:
                    return

    def _take(self, key: bytes | None, value: bytes | None) -> None:
        name = (key or b"").decode(errors="replace")
        if value is None:
            self.last.pop(name, None)
            return
        try:
            self.last[name] = Alert(**self._codec.decode(SCHEMA, value))
        except (ValueError, TypeError):  # somebody else's
            log.debug("not an alert: a record of %s", self._at.topic)

    async def say(self, messages: Sequence[tuple[str, Alert | None]]) -> None:
        """All of them, in order; returns when they are acknowledged. Raises KafkaError, TimeoutError."""
        producer = self._producer
        assert producer is not None
        async with asyncio.timeout(_SEND_WITHIN):
            for start in range(0, len(messages), _AT_ONCE):
                some = messages[start : start + _AT_ONCE]
                sent = [await producer.send(**self._record(*message)) for message in some]
                for acknowledged in sent:
                    await acknowledged
                for key, alert in some:
                    if alert is None:
                        self.last.pop(key, None)
                    else:
                        self.last[key] = alert

    def _record(self, key: str, alert: Alert | None) -> Mapping[str, Any]:
        value = None if alert is None else self._codec.encode(SCHEMA, alert._asdict())
        return {"topic": self._at.topic, "partition": PARTITION, "key": key.encode(), "value": value}
