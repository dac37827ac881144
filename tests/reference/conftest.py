from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from sinks.client import Client
from sinks.live import promote
from tests.reference.loading import Company
from tests.support.clickhouse import LocalClickHouse

generations = count(40_001)


@pytest.fixture(scope="session")
def client(clickhouse: LocalClickHouse) -> Iterator[Client]:
    client = clickhouse.client()
    yield client
    client.close()


@pytest.fixture
def company(clickhouse: LocalClickHouse, client: Client, tmp_path: Path) -> Company:
    promote(client, next(generations))  # without any deals
    return Company(clickhouse.url, client, tmp_path)
