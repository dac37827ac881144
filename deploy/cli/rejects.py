"""Commands about refused messages: rejects list, show, retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.data import Format
from deploy.cli.options import EnvFile, duration, reading, settings

if TYPE_CHECKING:
    pass

Reason = Annotated[str | None, typer.Option("--reason", help="Only of this reason.", metavar="REASON")]
Topic = Annotated[str | None, typer.Option("--topic", help="Only of this source topic.", metavar="TOPIC")]
Since = Annotated[
    str | None, typer.Option("--since", help="Only what reached Kafka in the last 30m, 2h, 7d.", metavar="DURATION")
]

rejects = typer.Typer(
    help="""Messages that were refused: which and why, and to send them again after a fix.

    Example: funnelwatch rejects list""",
    rich_markup_mode=None,
)
_SHOWN = 100


def add_to(app: typer.Typer) -> None:
    rejects.command("list")(list_)
    rejects.command()(show)
    rejects.command()(retry)
    app.add_typer(rejects, name="rejects")


def list_(
    reason: Reason = None,
    topic: Topic = None,
    since: Since = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help=f"At most so many. [{_SHOWN}]")] = None,
    retried: Annotated[bool, typer.Option("--retried", help="Also those that were retried.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="How to print the answer.")] = Format.table,
    env_file: EnvFile = None,
) -> None:
    """Say what was refused and not retried yet: counted by topic and reason, or with any filter one by one.

    Example: funnelwatch rejects list --reason unknown_schema --since 2h
    """
    from contextlib import closing

    from deploy.cli.answers import show as print_out
    from deploy.rejects.boards import Which, counted, single
    from sinks.reader import BoardsReader

    which = Which(topic=topic, reason=_reason(reason), since=duration("--since", since), retried_too=retried)
    with closing(BoardsReader(reading(env_file).boards_address)) as reader:
        if which == Which(retried_too=retried) and limit is None:
            print_out(counted(reader, retried), format_.value)
            return
        found, total = single(reader, which, limit or _SHOWN)
    print_out(found, format_.value)
    if total > len(found.rows):
        typer.echo(f"{total - len(found.rows)} more; --limit {total} shows all", err=True)


def show(
    place: Annotated[str, typer.Argument(help="As `list` names it.", metavar="TOPIC/PARTITION/OFFSET")],
    env_file: EnvFile = None,
) -> None:
    """Show one refused message as far as it can be read: its record if it is Avro of a known schema, else its bytes.

    Example: funnelwatch rejects show web.events/0/1234
    """
    from deploy.rejects.place import spelled
    from deploy.rejects.show import show

    found = spelled(place)
    print(show(settings(env_file, "kafka_bootstrap_servers"), found))


def retry(
    places: Annotated[
        list[str] | None, typer.Argument(help="As `list` names them.", metavar="[TOPIC/PARTITION/OFFSET...]")
    ] = None,
    reason: Reason = None,
    topic: Topic = None,
    since: Since = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many, the oldest first.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, send nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also what was retried before.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Also what would be refused still.")] = False,
    env_file: EnvFile = None,
) -> int:
    """Send refused messages again, after a fix: their own bytes, key and time, to the partition where they were.

    Without places or filters: all that are open. What the worker would still refuse is left out, and said by reason
    (exit code 1 if anything was left out); what a cap dropped cannot be retried. Events that arrive twice count once.

    Example: funnelwatch rejects retry --reason unknown_schema --dry-run
    """
    from deploy.rejects.boards import Which
    from deploy.rejects.place import spelled
    from deploy.rejects.retry import retry

    if places and (reason or topic or since or limit):
        raise typer.BadParameter("name places, or filter by --reason, --topic, --since and --limit: not both")
    which = Which(
        [spelled(place) for place in places or ()], topic, _reason(reason), duration("--since", since), limit, again
    )
    if dry_run:
        return retry(settings(env_file, "kafka_bootstrap_servers"), which, True, all_)
    return retry(settings(env_file, "kafka_bootstrap_servers", "clickhouse_url"), which, False, all_)


def _reason(name: str | None) -> str | None:
    """Raises BadParameter."""
    from streams.reasons import REASONS

    if name is not None and name not in REASONS:
        raise typer.BadParameter(f"--reason {name}: there are {', '.join(REASONS)}")
    return name
