"""The dotenv file by which other commands find a running `funnelwatch up`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.settings import Settings

DEFAULT = Path(".funnelwatch.env")


@contextmanager
def written(path: Path, settings: Settings) -> Iterator[None]:
    """The file is there inside, whole from its first instant and for its owner only: it holds secrets."""
    text = f"# written by funnelwatch up, process {os.getpid()}\n" + "".join(
        f"{name}='{value}'\n" for name, value in sorted(settings.environment().items())
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(path)
    try:
        yield
    finally:
        if path.is_file() and path.read_text() == text:  # not if another `up` has taken its place
            path.unlink()
