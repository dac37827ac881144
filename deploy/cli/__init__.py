"""`funnelwatch`: one module per group of commands; an error is one line, 2 for usage and settings, 1 for failures."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from deploy.cli import alerts, data, definition, demo, identity, parts, platform, rejects
from deploy.cli.errors import told
from deploy.stopping import Stopped

__all__ = ["app", "main", "run"]

app = typer.Typer(
    help="Watches a B2B funnel as it happens, so that leads are seen leaking while they can still be saved.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (parts, demo, data, definition, alerts, identity, rejects, platform):
    group.add_to(app)


def run(arguments: Sequence[str]) -> int:
    """The exit code."""
    try:
        result = app(args=list(arguments) or ["--help"], prog_name="funnelwatch", standalone_mode=False)
    except TyperException as error:
        wrong = " ".join(error.format_message().split())
        print(f"funnelwatch: {wrong} (see funnelwatch {_command(arguments)}--help)", file=sys.stderr)
        return error.exit_code
    except typer.Abort:
        return 1
    except BrokenPipeError:
        sys.stdout = None  # whoever read us has gone; there is nothing to flush
        return 1
    except Exception as error:
        return told(error)
    except Stopped:  # as was asked for
        return 0
    return result if isinstance(result, int) else 0


def _command(arguments: Sequence[str]) -> str:
    """The command that was meant, with those above it."""
    found, here = "", get_command(app)
    for word in arguments:
        below = getattr(here, "commands", {}).get(word)
        if below is not None:
            found, here = f"{found}{word} ", below
    return found


def main() -> None:
    sys.exit(run(sys.argv[1:]))
