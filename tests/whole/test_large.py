"""Large records and large states, on a broker that takes no more than brokers usually do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from schemas.codec import Codec
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company, company_on
from tests.support.kafka import TestBroker, produce

AT = 1_700_000_000_000_000
USUAL = "1048588"


def limit(broker: TestBroker, operation: AlterConfigOpType) -> None:
    entry = ConfigEntry("message.max.bytes", USUAL, incremental_operation=operation)
    resource = ConfigResource(ConfigResource.Type.BROKER, "1", incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
    admin.incremental_alter_configs([resource])[resource].result(30)


@pytest.fixture
def small_messages(kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path) -> Iterator[Company]:
    """On a broker with the usual limit of a message."""
    limit(kafka, AlterConfigOpType.SET)
    try:
        with company_on(kafka, clickhouse, tmp_path) as company:
            yield company
    finally:
        limit(kafka, AlterConfigOpType.DELETE)


def page(codec: Codec, n: int, size: int) -> tuple[bytes, bytes]:
    record = {
        "event_id": str(n),
        "source": "test",
        "occurred_at": AT + n,
        "type": "page_view",
        "anonymous_id": "device",
        "session_id": f"s{n}",
        "url": "https://acme.example/" + "x" * size,
    }
    return b"device", codec.encode("events/web", record)


def test_a_state_may_be_larger_than_the_usual_limit_of_a_message(small_messages: Company) -> None:
    company, codec = small_messages, Codec(None)
    produce(company.broker, company.topics["web"], [page(codec, n, 15_000) for n in range(100)])
    company.start_worker()
    company.wait(
        lambda: (
            company.ask(f"SELECT uniqExact(session_id) FROM facts.visits WHERE generation = {company.generation}")
            == [(100,)]
        ),
        "the visits",
    )


def test_a_value_that_is_too_large_is_refused(small_messages: Company) -> None:
    """They are no events, and states made of such would be too large for any topic."""
    company, codec = small_messages, Codec(None)
    sizes = [900_000] * 30
    produce(company.broker, company.topics["web"], [page(codec, n, size) for n, size in enumerate(sizes)])
    produce(company.broker, company.topics["web"], [page(codec, 99, 10)])
    company.start_worker()
    company.wait(lambda: company.query("SELECT count() FROM boards.rejects") == [(30,)], "the rejects")
    assert company.query("SELECT count() FROM boards.visitors") == [(1,)]
