"""A bar for what may take long, that is not seen where it does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from deploy.load import progress

_SHOWN_AFTER_SECONDS = 2.0


@contextmanager
def reading(what: str) -> Iterator[Callable[[int, int], None]]:
    """Gives what is to be told how many of how many are done."""
    started = time.monotonic()
    bars = progress()
    task = bars.add_task(f"reading {what}", total=None)

    def told(done: int, total: int) -> None:
        bars.update(task, completed=done, total=total)
        if not bars.live.is_started and time.monotonic() - started > _SHOWN_AFTER_SECONDS:
            bars.start()

    try:
        yield told
    finally:
        if bars.live.is_started:
            bars.stop()
