"""What the demo says of itself: a live summary for people, one JSON object for programs."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from deploy.demo_run import Demo, Pace
from deploy.settings import Settings
from sinks.client import Client, connect
from sinks.reader import BoardsReader
from sinks.tables import FACTS
from streams.model import SECOND

STATES = ("open", "warned", "leaking", "recovered", "met", "lost", "voided")


def summary(settings: Settings, demo: Demo) -> dict[str, Any]:
    """The demo in numbers; `freshness_s` holds None where nothing came live yet."""
    reader, client = BoardsReader(settings.boards_address), connect(settings.clickhouse_address)
    try:
        return {
            "events_in": demo.sent,
            "leads": int(reader.query("SELECT count() FROM boards.leads").rows[0][0]),
            "facts": _facts(client, settings.generation),
            "obligations": obligations(reader),
            "rejected": {
                str(reason): int(number)
                for reason, number in reader.query(
                    "SELECT reason, count() FROM boards.rejects GROUP BY reason ORDER BY reason"
                ).rows
            },
            "freshness_s": _freshness(client, settings.generation, demo.opened),
        }
    finally:
        reader.close()
        client.close()


def obligations(reader: BoardsReader) -> dict[str, dict[str, int]]:
    """kind -> state -> how many; every state is there."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STATES, 0))
    sql = "SELECT kind, state, count() FROM boards.obligations GROUP BY kind, state ORDER BY kind, state"
    for kind, state, number in reader.query(sql).rows:
        found[str(kind)][str(state)] = int(number)
    return dict(found)


def _facts(client: Client, generation: int) -> int:
    """Rows of all fact tables as they count: without replaced and withdrawn ones."""
    one = "SELECT count() AS n FROM {table} FINAL WHERE generation = {{g:UInt32}}"
    each = " UNION ALL ".join(one.format(table=table.full_name) for table in FACTS)
    return int(client.query(f"SELECT sum(n) FROM ({each})", {"g": generation}).result_rows[0][0])


def _freshness(client: Client, generation: int, opened: Pace) -> dict[str, float | None]:
    """Seconds of the wall clock from Kafka's taking an event to its rows standing in ClickHouse, live part only."""
    one = """
        WITH (toUnixTimestamp64Micro(source_at) / 1e6 - {{event:Float64}}) / {{speed:Float64}} AS since_opening
        SELECT toUnixTimestamp64Milli(written_at) / 1e3 - ({{wall:Float64}} + since_opening) AS s
        FROM {table} WHERE generation = {{g:UInt32}} AND source_at >= fromUnixTimestamp64Micro({{event_us:Int64}})"""
    each = " UNION ALL ".join(one.format(table=table.full_name) for table in FACTS)
    values = {
        "g": generation,
        "wall": opened.wall / SECOND,
        "event": opened.event / SECOND,
        "event_us": opened.event,
        "speed": opened.speed,
    }
    count, p50, p95 = client.query(
        f"SELECT count(), quantile(0.5)(s), quantile(0.95)(s) FROM ({each})", values
    ).result_rows[0]
    return {"p50": round(p50, 3), "p95": round(p95, 3)} if count else {"p50": None, "p95": None}


class Summary:
    """What the terminal shows while the demo runs."""

    def __init__(self, settings: Settings, demo: Demo) -> None:
        self._settings, self._demo = settings, demo
        self._reader = BoardsReader(settings.boards_address)

    def __call__(self) -> Group:
        demo = self._demo
        leads = self._reader.query("SELECT stage, count() FROM boards.leads GROUP BY stage ORDER BY count() DESC").rows
        clock = datetime.fromtimestamp(demo.pace.now() / SECOND, UTC)
        stages = ", ".join(f"{stage} {number}" for stage, number in leads)
        table = Table("owed", *STATES, title="Obligations")
        for column in table.columns[1:]:
            column.justify = "right"
        for kind, states in obligations(self._reader).items():
            shown = [Text(str(states[state] or ""), "bold red" if state == "leaking" else "") for state in STATES]
            table.add_row(kind.replace("_", " "), *shown)
        return Group(
            Text(f"{clock:%a %Y-%m-%d %H:%M} UTC, speed {demo.pace.speed:g}; {demo.sent} events in"),
            Text(f"leads: {stages}"),
            table,
            Text(f"boards: {self._settings.viewer_url}   Ctrl-C stops"),
        )
