"""Options that several commands have, and the settings they lead to."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from deploy.settings import Settings

DEFAULT_ENV_FILE = Path(".funnelwatch.env")
_WRITTEN_BY = re.compile(r"# written by funnelwatch up, process (\d+)\s*$")
_ADDRESSES = ("KAFKA_BOOTSTRAP_SERVERS", "CLICKHOUSE_URL", "FUNNELWATCH_BOARDS_URL")

EnvFile = Annotated[
    Path | None,
    typer.Option(
        "--env-file", help=f"Settings below the environment, as `up` writes them. [{DEFAULT_ENV_FILE}, if there]"
    ),
]
WrittenEnvFile = Annotated[
    Path, typer.Option("--env-file", help="Where to write the settings by which other commands find this one.")
]
For = Annotated[str | None, typer.Option("--for", help="Stop after this long: 90s, 5m, 2h.", metavar="DURATION")]


def settings(env_file: Path | None, *needed: str, **overrides: Any) -> Settings:
    """Raises SettingsError, also where one of the `needed` fields is not set."""
    from deploy.settings import SettingsError, load

    there = env_file or (DEFAULT_ENV_FILE if DEFAULT_ENV_FILE.is_file() else None)
    if there and there.is_file():
        _refuse_stale(there)
    found = load(there, **overrides)
    try:
        found.need(*needed)
    except SettingsError as error:
        hint = "" if there else f" (and no {DEFAULT_ENV_FILE} of a running `funnelwatch up` is here)"
        raise SettingsError(f"{error}{hint}") from None
    return found


def _refuse_stale(path: Path) -> None:
    """A file outlives the `up` that wrote it only if that was killed, and then nothing that it names is there."""
    from deploy.settings import SettingsError

    if any(name in os.environ for name in _ADDRESSES):  # they stand above the file
        return
    with path.open(errors="replace") as lines:
        written = _WRITTEN_BY.match(lines.readline())
    if written is None:
        return
    try:
        os.kill(int(written[1]), 0)
    except ProcessLookupError:
        raise SettingsError(
            f"the `up` (process {written[1]}) that wrote {path} is gone; start it again, or remove the file"
        ) from None
    except (PermissionError, OverflowError):
        return


def reading(env_file: Path | None) -> Settings:
    """Settings with which boards can be read."""
    found = settings(env_file)
    return found if found.boards_url else settings(env_file, "clickhouse_url")


def duration(option: str, text: str | None) -> float | None:
    """Seconds. Raises SettingsError naming the option."""
    from deploy.settings import SettingsError, seconds

    if text is None:
        return None
    try:
        return seconds(text)
    except ValueError as error:
        raise SettingsError(f"{option}={text!r}: {error}") from None


def you() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container may have no name for its user
        return "operator"
