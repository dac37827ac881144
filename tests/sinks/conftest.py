from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from sinks.client import Client
from sinks.clock import reset_clock
from sinks.live import promote
from tests.support.clickhouse import LocalClickHouse

generations = count(1)


@pytest.fixture(scope="session")
def client(clickhouse: LocalClickHouse) -> Iterator[Client]:
    client = clickhouse.client()
    yield client
    client.close()


@pytest.fixture
def generation(client: Client) -> Iterator[int]:
    """A generation of the test's own, shown by the boards while it runs."""
    own = next(generations)
    promote(client, own)
    yield own
    reset_clock(client)
