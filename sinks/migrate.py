"""Brings a ClickHouse to the schema of this version.

`migrations/NNNN_*.sql` run once, in order, and are never edited afterwards. `views/NN_*.sql` (and the functions that
boards call) are created again, in order, whenever one of them has changed. Every statement is written such that two
processes may run it at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clickhouse_connect.driver.exceptions import ClickHouseError

from sinks.client import Address, Client, SinkError, connect, one_line

HERE = Path(__file__).parent
LOG = """
CREATE TABLE IF NOT EXISTS facts.migrations
(
    name String,
    checksum String,
    applied_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY name
"""


class MigrationError(SinkError):
    """The schema cannot be brought up to date; the message names the file."""


@dataclass(frozen=True, slots=True)
class Script:
    name: str
    text: str
    repeatable: bool

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def statements(self) -> Iterator[str]:
        """Statements end with a semicolon at the end of a line; comments have lines of their own."""
        lines = (line for line in self.text.splitlines(keepends=True) if not line.startswith("--"))
        for statement in "".join(lines).split(";\n"):
            if statement.strip():
                yield statement.strip()


def scripts(root: Path = HERE) -> list[Script]:
    return [
        Script(path.stem, path.read_text(encoding="utf-8"), repeatable=folder == "views")
        for folder in ("migrations", "views")
        for path in sorted((root / folder).glob("*.sql"))
    ]


def migrate(address: Address | str, dry_run: bool = False, root: Path = HERE) -> list[str]:
    """Applies what is missing and returns its names; with `dry_run` only names it. Raises MigrationError."""
    client = connect(address)
    try:
        applied = _applied(client)
        todo = list(_todo(scripts(root), applied))
        if not dry_run:
            for database in ("facts", "boards"):
                client.command(f"CREATE DATABASE IF NOT EXISTS {database}")
            client.command(LOG)
            for script in todo:
                _apply(client, script)
        return [script.name for script in todo]
    except ClickHouseError as error:
        raise MigrationError(one_line(error)) from error
    finally:
        client.close()


def _applied(client: Client) -> dict[str, str]:
    if not client.query("SELECT 1 FROM system.tables WHERE database = 'facts' AND name = 'migrations'").result_rows:
        return {}
    rows = client.query("SELECT name, checksum FROM facts.migrations FINAL").result_rows
    return {str(name): str(checksum) for name, checksum in rows}


def _todo(known: list[Script], applied: dict[str, str]) -> Iterator[Script]:
    views_changed = any(applied.get(script.name) != script.checksum for script in known if script.repeatable)
    for script in known:
        before = applied.get(script.name)
        if script.repeatable:
            if views_changed:  # all of them: a view keeps the columns that the views below it had
                yield script
        elif before is None:
            yield script
        elif before != script.checksum:
            raise MigrationError(
                f"migration {script.name} was changed after it had been applied; restore it and add a new one"
            )


def _apply(client: Client, script: Script) -> None:
    for statement in script.statements():
        try:
            client.command(statement)
        except ClickHouseError as error:
            raise MigrationError(f"{script.name}: {one_line(error)}") from error
    client.insert("facts.migrations", [[script.name, script.checksum]], column_names=["name", "checksum"])
