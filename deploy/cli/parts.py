"""Commands that run something: up, worker, viewer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.options import DEFAULT_ENV_FILE, EnvFile, For, WrittenEnvFile, duration, reading, settings

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where state, data and logs go. [.funnelwatch]")]


def add_to(app: typer.Typer) -> None:
    app.command()(up)
    app.command()(worker)
    app.command()(viewer)


def up(for_: For = None, env_file: WrittenEnvFile = DEFAULT_ENV_FILE, data_dir: DataDir = None) -> None:
    """Start everything on this machine: broker, ClickHouse, topics, migrations, worker, boards.

    What a setting points to (KAFKA_BOOTSTRAP_SERVERS, CLICKHOUSE_URL, ...) is used instead of being started.
    The embedded broker holds everything in memory, so without KAFKA_BOOTSTRAP_SERVERS all data is gone when it stops.
    Stops with Ctrl-C, SIGTERM or after --for, and leaves no process behind.

    Example: funnelwatch up --for 10m
    """
    from deploy.local.foreground import foreground, stay
    from deploy.settings import load

    seconds = duration("--for", for_)
    chosen = load(**({"data_dir": data_dir} if data_dir else {}))
    with foreground(chosen, env_file, say) as stack:
        lost = "" if chosen.kafka_bootstrap_servers else "; all data is in memory, and gone when it stops"
        say(f"ready; Ctrl-C stops it{lost}")
        stay(stack, seconds)


def say(line: str) -> None:
    print(line, flush=True)


def worker(env_file: EnvFile = None) -> None:
    """Run one worker process until SIGTERM or Ctrl-C.

    Example: KAFKA_BOOTSTRAP_SERVERS=kafka:9092 CLICKHOUSE_URL=http://user:password@clickhouse:8123 funnelwatch worker
    """
    from deploy.worker import run

    run(settings(env_file, "kafka_bootstrap_servers", "clickhouse_url", "email_key"))


def viewer(env_file: EnvFile = None) -> None:
    """Serve the boards to browsers; on loopback unless FUNNELWATCH_VIEWER_HOST says otherwise.

    Example: funnelwatch viewer --env-file .funnelwatch.env
    """
    from deploy.viewer import serve

    serve(reading(env_file))
