"""Options that several commands have, and the settings they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from deploy.settings import Settings

DEFAULT_ENV_FILE = Path(".funnelwatch.env")

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
    found = load(there, **overrides)
    try:
        found.need(*needed)
    except SettingsError as error:
        hint = "" if there else f" (and no {DEFAULT_ENV_FILE} of a running `funnelwatch up` is here)"
        raise SettingsError(f"{error}{hint}") from None
    return found


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
