"""The log of refused messages that were sent again; the view `boards.rejects` shows them as retried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from clickhouse_connect.driver.exceptions import ClickHouseError

from sinks.client import Client, SinkError, one_line


class Retried(NamedTuple):
    """A refused message by its place in its source topic, and where its copy stands there."""

    topic: str
    partition: int
    offset: int
    to_partition: int
    to_offset: int


def log_retries(client: Client, generation: int, retried: Sequence[Retried]) -> None:
    """Raises SinkError."""
    if not retried:
        return
    rows = [[generation, *one] for one in retried]
    try:
        client.insert("facts.retries", rows, column_names=["generation", *Retried._fields])
    except ClickHouseError as error:
        raise SinkError(one_line(error), table="retries", retryable=True) from error
