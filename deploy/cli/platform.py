"""Commands about the platform: migrate, topics, doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.cli.options import EnvFile, settings

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, do nothing.")]


def add_to(app: typer.Typer) -> None:
    app.command()(migrate)
    app.command()(topics)
    app.command()(doctor)


def migrate(dry_run: DryRun = False, env_file: EnvFile = None) -> None:
    """Bring ClickHouse to the schema of this version, and promote the generation if none is live yet.

    With FUNNELWATCH_BOARDS_URL=http://user:password@host the user that boards read with is made, too.

    Example: funnelwatch migrate --dry-run
    """
    from deploy.migrate import bring_up_to_date

    for line in bring_up_to_date(settings(env_file, "clickhouse_url"), dry_run) or ["up to date"]:
        print(line)


def topics(dry_run: DryRun = False, env_file: EnvFile = None) -> None:
    """Create the topics that are missing, and show all; a topic that is there is never changed.

    Example: funnelwatch topics --dry-run
    """
    from rich.table import Table

    from deploy.cli.answers import console
    from deploy.topics import check, ensure

    found = ensure(settings(env_file, "kafka_bootstrap_servers"), dry_run)
    table = Table("topic", "partitions", "state", "what")
    for one in found:
        partitions = one.partitions or one.topic.partitions
        table.add_row(one.topic.name, str(partitions), one.state, one.detail or one.topic.purpose)
    console().print(table)
    if not dry_run:
        check(found)


def doctor(env_file: EnvFile = None) -> int:
    """Check every part and say what to do about what is wrong (exit code 1 if anything is).

    Example: funnelwatch doctor
    """
    from deploy.doctor import examine

    return examine(settings(env_file))
