"""The command about alerts."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.cli.options import EnvFile, settings


def add_to(app: typer.Typer) -> None:
    app.command()(alerts)


def alerts(
    follow: Annotated[bool, typer.Option("--follow", help="Go on with those that come, until Ctrl-C.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, all that is known.")] = False,
    env_file: EnvFile = None,
) -> None:
    """Print what was said of leaks: which were announced, recovered or held back, and whose they are.

    Times are when it became so. The topic (FUNNELWATCH_TOPIC_LEAKS) keeps at least the last word on each.

    Example: funnelwatch alerts --follow
    """
    from deploy.listen import alerts, as_json, as_line

    for key, alert in alerts(settings(env_file, "kafka_bootstrap_servers"), follow):
        print(as_json(key, alert) if json else as_line(alert), flush=True)
