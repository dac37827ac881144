"""Loads as the command makes them, and what boards show of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deploy.reference import load
from deploy.settings import Settings
from sinks.client import Client
from streams.reference import KindName

Row = tuple[Any, ...]
VIEWS = "users spend spend_daily targets target_accounts rates reporting_currency missing_rates"


class Company:
    """One that has loaded nothing yet."""

    def __init__(self, url: str, client: Client, folder: Path) -> None:
        self.client, self._folder = client, folder
        self._settings = Settings(clickhouse_url=url)
        for table in ("loads", "users", "spend", "targets", "target_accounts", "rates"):
            client.command(f"TRUNCATE TABLE facts.{table}")

    def load(self, kind: KindName, *lines: str, name: str = "", dry_run: bool = False) -> None:
        """The first of `lines` is the header."""
        file = self._folder / (name or f"{kind}.csv")
        file.write_text("".join(f"{line}\n" for line in lines))
        load(self._settings, kind, [file], "me", dry_run)

    def ask(self, sql: str) -> list[Row]:
        return [tuple(row) for row in self.client.query(sql).result_rows]

    def views(self, names: str = VIEWS) -> dict[str, list[Row]]:
        return {name: self.ask(f"SELECT * FROM boards.{name} ORDER BY ALL") for name in names.split()}
