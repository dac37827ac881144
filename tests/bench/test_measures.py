"""The benchmark's parts still measure: tiny ones, for their shape and for what they check on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.codec import Codec
from tests.bench import flat, freshness, recovery
from tests.bench.people import BEGAN, People, call, names
from tests.support.clickhouse import LocalClickHouse
from tests.support.in_memory import Funnel
from tests.support.kafka import TestBroker

LEADS = 300


@pytest.mark.slow
def test_recovery_and_flat_cost(kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path) -> None:
    """Both wait for rows that are there only if an event met the lead's recovered state."""
    recovered = recovery.measure(kafka, clickhouse, tmp_path, leads=(LEADS,), stock=LEADS)
    client = clickhouse.client()
    client.command("INSERT INTO facts.live (generation) VALUES (1)")  # as a company of another size would
    client.close()
    cost = flat.measure(kafka, clickhouse, tmp_path, sizes=(LEADS,), events=80)
    assert recovered["stock"]["records"] == recovered[str(LEADS)]["records"] > 4 * LEADS
    assert recovered[str(LEADS)]["memory_mb"] > 50
    assert cost[str(LEADS)]["cpu_us_per_event"] > 0
    assert f"{LEADS}" in recovery.table(recovered) and f"{LEADS}" in flat.table(cost)


@pytest.mark.slow
def test_freshness(kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path) -> None:
    found = freshness.measure(kafka, clickhouse, tmp_path, sustained=40, loads=(50,), seconds=3, probes=6)
    assert found["loads"]["50"]["missing"] == 0
    for kind in ("visitor", "known", "new", "settled"):
        assert 0 < found[kind]["p50_at_50"] <= found[kind]["p95_at_50"]
    assert "at 50 %" in freshness.table(found)


def test_a_seeded_lead_is_as_good_as_one_that_was_lived() -> None:
    """An event says of it only what is new, and it keeps what it was before."""
    people, number = People(templates=2), 17
    funnel = Funnel()
    for table, key, value in people.stored(number, exact=True):
        if table:
            funnel.states[table, key.decode()] = value
    topic, key, record = call(names(number), "new", BEGAN + 100 * 86_400_000_000)
    funnel.take([(topic, key, Codec(None).encode("events/crm", record))])
    lead = funnel.rows["leads", names(number).lead]
    assert lead is not None
    assert lead["events"] == people.events(number) + 1
    assert len(funnel.rows) <= 4
