"""The same events make the same facts: in order or shuffled, once or twice, by any number of partitions and workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from schemas.codec import Codec
from tests.support.clickhouse import LocalClickHouse
from tests.support.kafka import TestBroker
from tests.support.run import Run, Sent, assert_same
from tests.whole.crowd import crowd

SEED = 4

# What must be in it at least, or equal rows would prove nothing: (FROM and WHERE of a count, least)
SUBSTANCE = {
    "leads of several records or addresses": (
        "(SELECT lead_id FROM facts.lead_identifiers FINAL WHERE {mine} GROUP BY lead_id HAVING count() > 2)",
        200,
    ),
    "anonymous visits": ("facts.visits FINAL WHERE {mine} AND ownership = 'anonymous'", 5_000),
    "visits of somebody": ("facts.visits FINAL WHERE {mine} AND ownership = 'identified'", 1_000),
    "visits of shared devices": ("facts.visits FINAL WHERE {mine} AND ownership = 'shared'", 300),
    "links undone": ("facts.identity_links FINAL WHERE {mine} AND NOT in_force AND first_at IS NOT NULL", 50),
    "deals of somebody": ("facts.deals FINAL WHERE {mine} AND lead_id != ''", 200),
    "deals of nobody": (
        "facts.deals FINAL WHERE {mine} AND lead_id = '' AND deal_id NOT IN"
        " (SELECT deal_id FROM facts.deals FINAL WHERE {mine} AND lead_id != '')",
        20,
    ),
    "events of another lead then": ("facts.lead_events FINAL WHERE {mine} AND lead_then != lead_id", 500),
    "hubs": ("facts.identities FINAL WHERE {mine} AND why = 'hub'", 2),
    "identifiers of too many": ("facts.identities FINAL WHERE {mine} AND why = 'oversize'", 51),
    "identifiers blocked": ("facts.identities FINAL WHERE {mine} AND why = 'blocked'", 50),
    "identifiers erased": ("facts.identities WHERE {mine} AND is_deleted", 30),
    "customers": ("facts.leads FINAL WHERE {mine} AND stage = 'customer'", 50),
    "stages": ("(SELECT DISTINCT stage FROM facts.stage_entries FINAL WHERE {mine})", 10),
    "kinds of obligations": ("(SELECT DISTINCT kind FROM facts.obligations FINAL WHERE {mine})", 8),
    "leads that came back": ("facts.leads FINAL WHERE {mine} AND cycle > 1", 20),
}


@contextmanager
def running(broker: TestBroker, clickhouse: LocalClickHouse, folder: Path, partitions: int) -> Iterator[Run]:
    run = Run(broker, clickhouse, folder / f"{partitions}", partitions)
    try:
        yield run
        run.wait_for_quiet()
        run.stop()
    finally:
        run.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_same_events_make_the_same_facts(kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path) -> None:
    events, random = list(some_events()), Random(SEED)
    assert len(events) >= 50_000
    # What is refused is refused each time, so only good ones are sent twice.
    more = events + random.sample([event for event in events if event.is_good], len(events) // 5)
    random.shuffle(more)
    third = len(more) // 3

    # All at once, each with workers, topics and rows of its own.
    with (
        running(kafka, clickhouse, tmp_path, partitions=1) as in_order,
        running(kafka, clickhouse, tmp_path, partitions=3) as by_two,
        running(kafka, clickhouse, tmp_path, partitions=8) as disturbed,
    ):
        in_order.join()
        in_order.send(events)

        by_two.join()
        by_two.join()
        by_two.send(random.sample(events, len(events)))

        disturbed.join()
        disturbed.send(more[:third])
        disturbed.go_on()
        disturbed.join()
        disturbed.send(more[third : 2 * third])
        disturbed.go_on()
        disturbed.send(more[2 * third :])
        disturbed.go_on()
        disturbed.workers[0].kill()

    assert_substance(in_order)
    assert in_order.sent_on() == 0 and by_two.sent_on() > 500 and disturbed.sent_on() > 500
    assert_same("in order", in_order, "shuffled, by two workers", by_two)
    assert_same("in order", in_order, "shuffled, a fifth twice, a worker joined and one was killed", disturbed)


def assert_substance(run: Run) -> None:
    counts = {what: run.count(query) for what, (query, _) in SUBSTANCE.items()}
    assert not {what: counts[what] for what, (_, least) in SUBSTANCE.items() if counts[what] < least}
    assert not [table for table, (rows, _) in run.sums().items() if not rows]
    assert len({reason for _, reason in run.refused()}) >= 6


def some_events() -> Iterator[Sent]:
    """The crowd as bytes. One in fifty has no key, as of producers that know none: it lies in any partition."""
    codec, random = Codec(None), Random(SEED)
    for message in crowd(SEED):
        key = None if random.random() < 0.02 else message.key
        value = codec.encode(f"events/{message.topic}", message.record) if message.record else message.raw
        yield Sent(message.topic, key, value, is_good=not message.fault)
