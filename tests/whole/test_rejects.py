"""Every kind of bad message, in every source topic, by every codec: refused by name, with its bytes; and the good
events between arrive."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import KafkaError, Message, Producer

from schemas.codec import Codec
from streams.judge import LARGEST_KEPT
from streams.topics import LARGEST_MESSAGE
from tests.support.apache_kafka import ApacheKafka
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company, company_on
from tests.support.kafka import TestBroker, consume, produce
from tests.support.schema_registry import SchemaRegistry, serving
from tests.whole.malformed import AMOUNTS, AT, KINDS, Malformed, Sent

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
JAVAS_SNAPPY = "snappy in frames"  # as Java's producer writes it, and aiokafka's; librdkafka's has none
_IN_A_BATCH = {0: "none", 1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
_ATTRIBUTES, _HEAD = 21, 12  # bytes from a batch's beginning; base offset and length

Place = tuple[str, int, int]


class Acknowledged(NamedTuple):
    place: Place
    sent: Sent
    reason: str | None


class Producers:
    """One for each codec, that take turns."""

    def __init__(self, broker: TestBroker) -> None:
        self._of = {codec: self._producer(broker, codec) for codec in CODECS}
        self._turns = cycle([*CODECS, JAVAS_SNAPPY])
        self._broker = broker
        self._javas: list[tuple[str, int, Sent, str | None]] = []
        self.acknowledged: list[Acknowledged] = []

    def _producer(self, broker: TestBroker, codec: str) -> Producer:
        limits = {"message.max.bytes": 64_000_000, "linger.ms": 0}
        return Producer({"bootstrap.servers": broker.bootstrap_servers, "compression.codec": codec, **limits})

    def send(self, topic: str, partition: int, sent: Sent, reason: str | None, codec: str | None = None) -> None:
        codec = codec or next(self._turns)
        if codec == JAVAS_SNAPPY:
            self._javas.append((topic, partition, sent, reason))
            return
        self._of[codec].produce(
            topic,
            sent.value,
            sent.key,
            partition=partition,
            timestamp=sent.timestamp_ms,
            on_delivery=partial(self._delivered, topic, partition, sent, reason),
        )
        self._of[codec].poll(0)

    def flush(self) -> None:
        for producer in self._of.values():
            assert producer.flush(60) == 0
        asyncio.run(self._send_javas())

    async def _send_javas(self) -> None:
        servers, taken = self._broker.bootstrap_servers, self._javas
        self._javas = []
        async with AIOKafkaProducer(
            bootstrap_servers=servers, compression_type="snappy", max_request_size=64_000_000
        ) as producer:
            waiting = [
                await producer.send(topic, sent.value, sent.key, partition, sent.timestamp_ms or None)
                for topic, partition, sent, _ in taken
            ]
            for (topic, partition, sent, reason), future in zip(taken, waiting, strict=True):
                self._take(topic, partition, (await future).offset, sent, reason)

    def _delivered(
        self, topic: str, partition: int, sent: Sent, reason: str | None, error: KafkaError | None, message: Message
    ) -> None:
        assert error is None, error
        self._take(topic, partition, message.offset() or 0, sent, reason)

    def _take(self, topic: str, partition: int, offset: int, sent: Sent, reason: str | None) -> None:
        self.acknowledged.append(Acknowledged((topic, partition, offset), sent, reason))


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    with serving() as found:
        yield found


@pytest.fixture
def registered(
    kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path, registry: SchemaRegistry
) -> Iterator[Company]:
    """On a real Kafka, with a Schema Registry that others use, too."""
    with company_on(kafka, clickhouse, tmp_path) as company:
        company.environment["SCHEMA_REGISTRY_URL"] = registry.url
        yield company


@pytest.mark.slow
def test_every_kind_of_bad_message_is_refused_by_name(registered: Company, registry: SchemaRegistry) -> None:
    company, codec = registered, Codec(registry.url)
    made, producers, number = Malformed(codec, registry), Producers(company.broker), 0
    for source, topic in company.topics.items():
        for make, reason in KINDS.values():
            for _ in range(3):
                number += 1
                producers.send(topic, number % 3, Sent(made.encoded(source, f"good-{source}-{number}")), None)
            producers.send(topic, number // 3 % 3, make(made, source), reason)
        # a broker limits a batch as it is compressed: what is in it may be larger than any topic takes uncompressed
        giant = Sent(bytes(LARGEST_MESSAGE + 1_000_000), b"k" * 30_000)
        producers.send(topic, 0, giant, "too_large", "zstd")
    for n, amount in enumerate(AMOUNTS):
        deal = {"record_kind": "opportunity", "record_id": f"006{n}", "primary_contact_id": f"003{n}"}
        event = made.encoded("crm", f"deal-{n}", type="opportunity_created", amount=amount, **deal)
        producers.send(company.topics["crm"], 0, Sent(event), None)
    producers.flush()
    company.start_worker()

    refused = {one.place: one for one in producers.acknowledged if one.reason is not None}
    everything = {source: good(codec, source, topic, producers) for source, topic in company.topics.items()}
    company.wait(lambda: arrived(company) == everything, "the good events")
    company.wait(lambda: count(company) >= len(refused), "the rejects")
    rows = company.query("SELECT topic, partition, offset, reason FROM boards.rejects")
    assert {tuple(row[:3]): row[3] for row in rows} == {place: one.reason for place, one in refused.items()}
    for topic in company.topics.values():
        kept = [
            codec.decode("internal/rejected", each.value()) for each in consume(company.broker, f"{topic}.rejected")
        ]
        places = [(one["topic"], one["partition"], one["offset"]) for one in kept]
        assert sorted(places) == sorted(place for place in refused if place[0] == topic), "each once"
        for place, one in zip(places, kept, strict=True):
            sent = refused[place].sent
            assert one["reason"] == refused[place].reason
            assert one["key"] == sent.key
            assert one["value"] == (sent.value and sent.value[:LARGEST_KEPT])
    if company.broker.server is not None:
        assert {codec for topic in company.topics.values() for codec in codecs(company.broker.server, topic)} == {
            *CODECS
        }


def good(codec: Codec, source: str, topic: str, producers: Producers) -> set[str]:
    """What the boards shall show: devices of the web's, else ids of events."""
    name = "anonymous_id" if source == "web" else "event_id"
    sent = [one.sent.value for one in producers.acknowledged if one.reason is None and one.place[0] == topic]
    return {codec.decode(f"events/{source}", value)[name] for value in sent}


def arrived(company: Company) -> dict[str, set[str]]:
    events = company.query("SELECT type = 'form_submitted', event_id FROM boards.lead_events WHERE type != 'session'")
    return {
        "web": {name for (name,) in company.query("SELECT anonymous_id FROM boards.visits")},
        "form": {name for is_form, name in events if is_form},
        "crm": {name for is_form, name in events if not is_form},
    }


def count(company: Company) -> int:
    return int(company.query("SELECT count() FROM boards.rejects")[0][0])


def codecs(server: ApacheKafka, topic: str) -> set[str]:
    """Of the batches in its log: a batch that would not shrink is not compressed, and then this would test nothing."""
    found = set()
    for file in server.data.glob(f"{topic}-*/*.log"):
        log, at = file.read_bytes(), 0
        while at + _ATTRIBUTES + 2 <= len(log):
            _, length = struct.unpack_from(">qi", log, at)
            (attributes,) = struct.unpack_from(">h", log, at + _ATTRIBUTES)
            found.add(_IN_A_BATCH[attributes & 7])
            at += _HEAD + length
    return found


GARBAGE = [b"garbage", b"", b"\x00\x00\x00\xff\xff?", None]


@pytest.fixture
def embedded(embedded_broker: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path) -> Iterator[Company]:
    with company_on(embedded_broker, clickhouse, tmp_path) as company:
        yield company


def test_garbage_is_refused_on_the_embedded_broker(embedded: Company) -> None:
    """What comes first is garbage; there are no transactions."""
    company = embedded
    codec = Codec(None)
    for topic in company.topics.values():
        produce(company.broker, topic, [(b"k", value) for value in GARBAGE])
    pages = [
        {"event_id": str(n), "source": "test", "occurred_at": AT, "type": "page_view", "anonymous_id": f"device{n}"}
        for n in range(20)
    ]
    produce(company.broker, company.topics["web"], [(b"d", codec.encode("events/web", page)) for page in pages])
    company.start_worker()
    company.wait(lambda: company.query("SELECT count() FROM boards.visitors") == [(20,)], "the good events")
    company.wait(lambda: count(company) == 3 * len(GARBAGE), "the rejects")
    for topic in company.topics.values():
        rows = company.query(f"SELECT reason, count() FROM boards.rejects WHERE topic = '{topic}' GROUP BY reason")
        assert dict(rows) == {"empty_value": 2, "not_avro": 1, "unknown_schema": 1}
        kept = [codec.decode("internal/rejected", one.value()) for one in consume(company.broker, f"{topic}.rejected")]
        assert {one["value"] for one in kept} == {*GARBAGE}
