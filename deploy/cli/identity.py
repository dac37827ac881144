"""Commands about who is who: identity show, block, unblock; erase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.options import EnvFile, reading, settings, you

if TYPE_CHECKING:
    from deploy.identity.orders import Order
    from deploy.settings import Settings

Whom = Annotated[
    str,
    typer.Argument(help="An e-mail address, lead:ID or contact:ID of the CRM, or just that ID.", metavar="WHO"),
]
WhomOrLead = Annotated[
    str,
    typer.Argument(
        help="An e-mail address, lead:ID or contact:ID of the CRM, just that ID, or a lead id.", metavar="WHO"
    ),
]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stays in the event.", metavar="TEXT")]
By = Annotated[str | None, typer.Option("--by", help="Who orders it. [you]", metavar="NAME")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would come of it, send nothing.")]
Wait = Annotated[bool, typer.Option("--wait", help="Return when boards show it.")]

identity = typer.Typer(
    help="""Who is who: why these are one person, and an operator's word on it.

    Example: funnelwatch identity show jane@example.com""",
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    for command in (show, block, unblock):
        identity.command()(command)
    app.add_typer(identity, name="identity")
    app.command()(erase)


def show(who: WhomOrLead, env_file: EnvFile = None) -> None:
    """Say who that is, and why these are one person.

    All identifiers of the lead, the links that make them one with their events, those that do not count, and orders.

    Example: funnelwatch identity show lead:00Q5e00001A
    """
    from deploy.identity.show import show

    print(show(reading(env_file), who))


def block(
    who: Whom, reason: Reason, dry_run: DryRun = False, wait: Wait = False, by: By = None, env_file: EnvFile = None
) -> None:
    """Let an address or a CRM record join nobody any more.

    Such as a mailbox that several people share: whoever was one person only through it falls apart into several, and
    what each of them did stays theirs. `unblock` undoes it.

    Example: funnelwatch identity block frontdesk@example.com --reason "shared by the office" --dry-run
    """
    _order("blocked", who, reason, dry_run, wait, by, env_file)


def unblock(
    who: Whom, reason: Reason, dry_run: DryRun = False, wait: Wait = False, by: By = None, env_file: EnvFile = None
) -> None:
    """Let a blocked address or CRM record join again.

    Example: funnelwatch identity unblock frontdesk@example.com --reason "Jane's own after all" --wait
    """
    _order("unblocked", who, reason, dry_run, wait, by, env_file)


def _order(what: Order, who: str, reason: str, dry_run: bool, wait: bool, by: str | None, env_file: EnvFile) -> None:
    from deploy.identity.orders import order

    order(_sending(env_file, dry_run), what, who, reason, by or you(), dry_run, wait)


def erase(
    who: Annotated[
        str,
        typer.Argument(
            help="An e-mail address, lead:ID or contact:ID of the CRM, just that ID, a lead id, or device:ID.",
            metavar="WHO",
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what is known, send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Return when nothing of it is left on boards.")] = False,
    shared_devices: Annotated[
        bool, typer.Option("--shared-devices", help="Also devices on which others were identified.")
    ] = False,
    by: By = None,
    env_file: EnvFile = None,
) -> int:
    """Forget a person for good: every identifier of the lead, and the devices on which they were.

    Lists what is known, says what stays, asks, and sends an order for each. Whatever comes of them later is forgotten,
    too. An address that only its hash is known of must be named itself: that is said, and the exit code is 1.

    Example: funnelwatch erase jane@example.com --dry-run
    """
    from deploy.erase import erase

    def confirm() -> bool:
        try:
            return yes or typer.confirm("Erase this for good?", err=True)
        except typer.Abort:
            return False

    return erase(_sending(env_file, dry_run), who, by or you(), dry_run, wait, shared_devices, confirm)


def _sending(env_file: EnvFile, dry_run: bool) -> Settings:
    return reading(env_file) if dry_run else settings(env_file, "kafka_bootstrap_servers", "clickhouse_url")
