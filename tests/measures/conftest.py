from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from sinks.client import Client
from sinks.clock import reset_clock
from sinks.live import promote
from sinks.migrate import scripts
from tests.measures.made import Ask, Facts
from tests.support.clickhouse import LocalClickHouse

generations = count(60_001)  # apart from those of other tests on the same server


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


@pytest.fixture
def facts(client: Client, generation: int) -> Facts:
    return Facts(client, generation)


@pytest.fixture
def ask(client: Client, generation: int) -> Ask:
    return Ask(client)


@pytest.fixture
def define(client: Client) -> Iterator[Callable[..., None]]:
    """Puts other rows into a view of the definition for the length of a test."""

    def replace(view: str, select: str) -> None:
        client.command(f"CREATE OR REPLACE VIEW boards.{view} DEFINER = CURRENT_USER SQL SECURITY DEFINER AS {select}")

    yield replace
    for script in scripts():
        if script.name == "05_definition":
            for statement in script.statements():
                client.command(statement)
