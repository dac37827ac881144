"""What a generation says, as one number per table: equal numbers mean equal rows, however they came to be."""

from __future__ import annotations

from sinks.client import Client
from sinks.tables import FACTS, Table

# Where and when a message lay in Kafka differs between two runs of the same events.
NOT_CONTENT = {"rejects": {"partition", "offset", "appended_at"}}


def checksum(client: Client, generation: int) -> dict[str, tuple[int, int]]:
    """Per fact table (rows, hash over their content), under FINAL, without revisions and times of writing."""
    return {table.name: _checksum(client, table, generation) for table in FACTS}


def _checksum(client: Client, table: Table, generation: int) -> tuple[int, int]:
    skipped = NOT_CONTENT.get(table.name, set())
    columns = ", ".join(c.name for c in (*table.key, *table.values) if c.name not in skipped)
    rows = client.query(
        f"SELECT count(), sum(cityHash64(toString(({columns})))) FROM {table.full_name} FINAL"
        " WHERE generation = {generation:UInt32}",
        parameters={"generation": generation},
    ).result_rows
    return int(rows[0][0]), int(rows[0][1])
