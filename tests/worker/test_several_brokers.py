"""On a cluster of three: each broker dies once while a worker works, and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.apache_cluster import BROKERS, ApacheCluster
from tests.support.apache_kafka import java_and_maven
from tests.support.kafka import TestBroker
from tests.support.skips import lacking
from tests.worker.test_transport import NUMBERS, running_counting


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[ApacheCluster]:
    if not java_and_maven():
        lacking("Apache Kafka: install java and mvn")
    with closing(ApacheCluster(tmp_path)) as cluster:
        yield cluster


def test_nothing_is_lost_when_one_broker_after_the_other_dies(cluster: ApacheCluster, tmp_path: Path) -> None:
    broker = TestBroker(cluster.bootstrap_servers, transactions=True)
    with running_counting(broker, tmp_path, replicas=BROKERS) as counting:
        counting.supervised = True

        def wait_for(seen: int) -> None:
            counting.wait(lambda: len(counting.seen()) > seen)

        counting.worker("a")
        for node in range(BROKERS):
            first, last = node * NUMBERS, (node + 1) * NUMBERS
            counting.produce(range(first, first + NUMBERS // 2))
            wait_for(first)
            cluster.kill(node)
            counting.produce(range(first + NUMBERS // 2, last))
            wait_for(first + NUMBERS * 3 // 4)
            cluster.start(node)
        counting.wait_for_all(range(BROKERS * NUMBERS))
