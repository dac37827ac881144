"""Which generation the boards show: the newest row of the log `facts.live`."""

from __future__ import annotations

from sinks.client import Client


def live_generation(client: Client) -> int | None:
    """The generation that boards show, None before the first promotion."""
    rows = client.query("SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1").result_rows
    return int(rows[0][0]) if rows else None


def promote(client: Client, generation: int) -> None:
    """Every view shows `generation` from now on; promoting the former one undoes it."""
    client.insert("facts.live", [[generation]], column_names=["generation"])


def promote_first(client: Client, generation: int) -> int:
    """Promotes `generation` only where nothing was promoted yet; returns the live one."""
    live = live_generation(client)
    if live is None:
        promote(client, generation)
        return generation
    return live
