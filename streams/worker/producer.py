"""Whole batches to Kafka, with exact offsets; inside one transaction per flush where the broker has them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from streams.worker.config import WorkerConfig

_BATCH_BYTES = 900_000  # below the brokers' default limit of 1 MB for a record batch
TRANSACTION_MS = 120_000  # longer than the sink goes on trying, or an outage of ClickHouse would abort it first
_REQUEST_BYTES = 64_000_000  # a single large reject must not be refused by our own client


class Sendable(Protocol):
    @property
    def key(self) -> bytes: ...

    @property
    def value(self) -> bytes: ...


def new_producer(config: WorkerConfig, transactional_id: str | None) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=config.bootstrap_servers,
        acks="all",
        enable_idempotence=config.idempotent,
        transactional_id=transactional_id,
        transaction_timeout_ms=TRANSACTION_MS,
        max_batch_size=_BATCH_BYTES,
        max_request_size=_REQUEST_BYTES,
        linger_ms=0,
        **config.security,
    )


class LaneProducer:
    """The producer of one lane.

    With transactions it owns the transactional id of its source partition: starting it fences a zombie that still
    writes for that partition, and `commit` makes outputs, changelog and offsets visible at once. Without, offsets are
    committed by the consumer. Never shared: aiokafka's `send_batch` gives up too early when others wait for the same
    partition.
    """

    def __init__(self, producer: AIOKafkaProducer, group: str, transactional: bool) -> None:
        self._producer = producer
        self._group = group
        self.transactional = transactional

    async def start(self) -> None:
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    async def begin(self) -> None:
        await self._producer.begin_transaction()

    async def offsets(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Into the transaction."""
        await self._producer.send_offsets_to_transaction(
            {TopicPartition(*tp): OffsetAndMetadata(offset, "") for tp, offset in offsets.items()}, self._group
        )

    async def commit(self) -> None:
        await self._producer.commit_transaction()

    async def send(self, messages: Mapping[tuple[str, int], Sequence[Sendable]]) -> dict[tuple[str, int], int]:
        """Produce all; returns the last offset of each topic and partition once everything is acknowledged."""
        sent = {tp: await self._send(tp, records) for tp, records in messages.items() if records}
        last = {}
        for tp, batches in sent.items():
            for future, count in batches:
                receipt: Any = await future
                last[tp] = receipt.offset + count - 1
        return last

    async def _send(self, tp: tuple[str, int], records: Iterable[Sendable]) -> list[tuple[asyncio.Future[Any], int]]:
        topic, partition = tp
        batches: list[tuple[asyncio.Future[Any], int]] = []
        builder = self._producer.create_batch()
        for record in records:
            if builder.append(key=record.key, value=record.value, timestamp=None) is None:
                count = builder.record_count()
                batches.append((await self._producer.send_batch(builder, topic, partition=partition), count))
                builder = self._producer.create_batch()
                builder.append(key=record.key, value=record.value, timestamp=None)
        count = builder.record_count()
        batches.append((await self._producer.send_batch(builder, topic, partition=partition), count))
        return batches
