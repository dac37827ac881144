"""ClickHouse as this version wants it: schema, the boards' user, a first live generation."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from deploy.settings import Settings
from sinks.access import grant_boards
from sinks.client import connect
from sinks.live import live_generation, promote_first
from sinks.migrate import migrate


def bring_up_to_date(settings: Settings, dry_run: bool = False) -> list[str]:
    """What was done (with dry_run: would be), one line each. Raises SinkError."""
    address = settings.clickhouse_address
    done = [f"migration {name}" for name in migrate(address, dry_run)]
    reader = urlsplit(settings.boards_url or "")
    if reader.username and reader.password:
        done.append(f"user {reader.username}")
        if not dry_run:
            grant_boards(address, unquote(reader.username), unquote(reader.password))
    if dry_run:
        return done
    client = connect(address)
    try:
        if live_generation(client) is None:
            done.append(f"generation {promote_first(client, settings.generation)} is live")
    finally:
        client.close()
    return done
