"""`funnelwatch demo`."""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.options import DEFAULT_ENV_FILE, For, WrittenEnvFile, duration
from deploy.stopping import Stopped

if TYPE_CHECKING:
    from deploy.demo_run import Demo
    from deploy.local.stack import Stack

_SUMMARY_SECONDS = 2.0
_DRAIN_SECONDS = 60.0


def add_to(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    seed: Annotated[int, typer.Option("--seed", help="Another one is another company.")] = 1,
    speed: Annotated[float, typer.Option("--speed", min=0.1, max=3600, help="How fast its time passes.")] = 60.0,
    history: Annotated[str, typer.Option("--history", help="How long it exists already.", metavar="DURATION")] = "120d",
    headless: Annotated[bool, typer.Option("--headless", help="No live summary in the terminal.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end, nothing else.")] = False,
    for_: For = None,
    env_file: WrittenEnvFile = DEFAULT_ENV_FILE,
) -> int:
    """Watch a simulated company lose leads: everything that `up` starts, some months of history, then live.

    --for counts from when the live part begins. With --json, Ctrl-C or SIGTERM ends the live part early, and the
    object is printed still; before it, there is none (exit code 130 or 143).

    Example: funnelwatch demo --headless --json --for 1m
    """
    from datetime import UTC, datetime

    from pydantic import SecretStr

    from deploy.demo_report import summary
    from deploy.demo_run import Demo, plan, prepare
    from deploy.local.foreground import foreground
    from deploy.settings import load

    length, back = duration("--for", for_), duration("--history", history) or 0.0
    settings = load()
    if settings.email_key is None:  # nobody here is real, and equal seeds shall give equal lead ids
        settings = settings.model_copy(update={"email_key": SecretStr(f"funnelwatch-demo-{seed}")})
    planned = plan(seed, back, speed, datetime.now(UTC))
    try:
        with (
            foreground(settings, env_file, _say, partial(prepare, planned=planned)) as stack,
            closing(Demo(stack, planned)) as running,
        ):
            _tell_history(stack, running)
            running.open()
            _say(f"live; boards at {stack.settings.viewer_url}")
            if not json_:
                _live(stack, running, length, shown=not headless)
                return 0
            with suppress(Stopped):  # only the first signal raises it
                _live(stack, running, length, shown=False)
            with suppress(Stopped):
                _drain(stack, running)
            print(json.dumps(summary(stack.settings, running)), flush=True)
    except Stopped as stopped:
        if not json_:
            raise
        _say("funnelwatch: stopped before the live part began; there is nothing to report")
        return 128 + stopped.number
    return 0


def _tell_history(stack: Stack, running: Demo) -> None:
    from deploy.load import progress, wait_for_worker

    with progress() as bars:
        running.history(bars, stack.check)
        wait_for_worker(stack.settings, bars, stack.check)


def _live(stack: Stack, running: Demo, length: float | None, shown: bool) -> None:
    from rich.console import Console
    from rich.live import Live

    from deploy.demo_report import Summary
    from deploy.local.foreground import stay

    console = Console()
    if not shown or not console.is_terminal:
        stay(stack, length, running.live)
        return
    report, last = Summary(stack.settings, running), 0.0
    with Live(report(), console=console, auto_refresh=False) as live:

        def each() -> None:
            nonlocal last
            running.live()
            if time.monotonic() - last > _SUMMARY_SECONDS:
                last = time.monotonic()
                live.update(report(), refresh=True)

        stay(stack, length, each)


def _drain(stack: Stack, running: Demo) -> None:
    from deploy.wait import Waiter

    running.finish()
    with closing(Waiter(stack.settings)) as waiter:
        waiter.wait(check=stack.check, deadline=_DRAIN_SECONDS)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
