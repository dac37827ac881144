"""Commands about the data: load, query, explain."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, get_args

import typer

import sinks
from deploy.cli.options import EnvFile, reading, settings, you
from streams.reference import KindName

_VIEW = re.compile(r"^CREATE OR REPLACE VIEW boards\.(\w+)", re.MULTILINE)
_COMMENTS = re.compile(r"\A(\s*(--[^\n]*(\n|\Z)|/\*.*?\*/))+", re.DOTALL)
_SELECT = re.compile(r"[\s(]*(SELECT|WITH|FROM)\b", re.IGNORECASE)
_FORMAT = re.compile(r"\sFORMAT\s+\w+[\s;]*\Z", re.IGNORECASE)


class Format(StrEnum):
    table = "table"
    json = "json"
    csv = "csv"


def add_to(app: typer.Typer) -> None:
    app.command()(load)
    app.command(help=(query.__doc__ or "").replace("VIEWS", _views()))(query)
    app.command()(explain)


def load(
    files: Annotated[list[Path], typer.Argument(help="CSV or NDJSON, .gz too.", metavar="FILE...")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="How rows become events.", metavar="MAPPING.yaml")
    ] = None,
    as_: Annotated[KindName | None, typer.Option("--as", help="Reference data of this kind, CSV.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Return when all of it stands in ClickHouse.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the first events and count, or what is replaced; change nothing.")
    ] = False,
    env_file: EnvFile = None,
) -> int:
    """Turn files into events and send them through the funnel; loading a file twice changes nothing.

    A row that cannot be used is named with file and line, and the rest goes on (exit code 1 if there were any).

    With --as they are reference data, which is loaded as a whole or not at all. Spend and targets replace what was
    loaded for the same months, users, target_accounts and rates the whole list; files named together are one load.

    Example: funnelwatch load leads.csv deals.csv --mapping mapping.yaml --wait

    Example: funnelwatch load spend.csv --as spend --dry-run
    """
    if as_ is not None:
        from deploy import reference

        if mapping is not None or wait:
            raise typer.BadParameter("--as goes without --mapping and --wait: reference data is there at once")
        reference.load(settings(env_file, "clickhouse_url"), as_, files, you(), dry_run)
        return 0
    if mapping is None:
        raise typer.BadParameter(f"say --mapping MAPPING.yaml for events, or --as {'|'.join(get_args(KindName))}")
    from deploy.load import dry, load

    if dry_run:
        return dry(files, mapping)
    needed = ("kafka_bootstrap_servers", "clickhouse_url") if wait else ("kafka_bootstrap_servers",)
    return load(settings(env_file, *needed), files, mapping, wait)


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the views of `boards`.", metavar="SQL")],
    format_: Annotated[Format, typer.Option("--format", help="How to print the answer.")] = Format.table,
    env_file: EnvFile = None,
) -> None:
    """Ask ClickHouse what the boards can see, read only.

    The views: VIEWS.

    Example: funnelwatch query "SELECT kind, state, count() FROM obligations GROUP BY ALL ORDER BY ALL"
    """
    from deploy.cli.answers import show
    from sinks.reader import BoardsReader

    _check(sql)
    reader = BoardsReader(reading(env_file).boards_address)
    try:
        show(reader.query(sql), format_.value)
    finally:
        reader.close()


def _check(sql: str) -> None:
    """Raises Failure for what can be told without asking."""
    from deploy.cli.errors import Failure

    bare = _COMMENTS.sub("", sql).strip().strip(";")
    if not bare:
        raise Failure("the SQL is empty")
    if not _SELECT.match(bare):
        raise Failure(f"only one SELECT over the boards' views; they are: {_views()}")
    if _FORMAT.search(bare):
        raise Failure("leave FORMAT out of the SQL; --format json, csv or table says how to print the answer")


@cache
def _views() -> str:
    folder = Path(sinks.__path__[0]) / "views"
    return ", ".join(sorted(name for file in folder.glob("*.sql") for name in _VIEW.findall(file.read_text("utf-8"))))


def explain(
    lead: Annotated[str, typer.Argument(help="Lead id, CRM record id or e-mail.", metavar="LEAD|CRM-ID|E-MAIL")],
    env_file: EnvFile = None,
) -> None:
    """Tell the journey of one lead: its events, each fact with the events behind it, why an obligation is as it is.

    Example: funnelwatch explain jane@example.com
    """
    from deploy.explain import explain

    print(explain(reading(env_file), lead))
