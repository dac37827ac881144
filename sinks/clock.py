"""The boards' clock: `funnel_now()` in SQL is the wall clock, or an affine function of it while a demo runs faster."""

from __future__ import annotations

from sinks.client import Client

COLUMNS = ["wall_us", "event_us", "speed"]


def set_clock(client: Client, wall_us: int, event_us: int, speed: float) -> None:
    """At wall time `wall_us` (UTC µs) boards read `event_us` (UTC µs), and from then on `speed` seconds per second."""
    client.insert("facts.clock", [[wall_us, event_us, speed]], column_names=COLUMNS)


def reset_clock(client: Client) -> None:
    """Boards read the wall clock again."""
    set_clock(client, 0, 0, 1.0)
