"""A stack in the foreground: until a signal, a time, or the end of one of its processes."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from deploy.local.stack import Prepare, Say, Stack, nothing, running
from deploy.settings import Settings
from deploy.stopping import Stopped

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK_SECONDS = 0.2


@contextmanager
def foreground(settings: Settings, env_file: Path, say: Say, prepare: Prepare = nothing) -> Iterator[Stack]:
    """The running stack; the first signal to stop raises Stopped and ends everything, later ones change nothing."""
    before = {number: signal.signal(number, _stop) for number in _ENDING}
    try:
        with running(settings, env_file, say, prepare) as stack:
            try:
                yield stack
            finally:
                _ignore()
                say("stopping")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stay(stack: Stack, seconds: float | None, each: Callable[[], None] = lambda: None) -> None:
    """Returns after `seconds`; `each` is called a few times per second. Raises ProcessDied."""
    end = time.monotonic() + (float("inf") if seconds is None else seconds)
    while (left := end - time.monotonic()) > 0:
        stack.check()
        each()
        time.sleep(min(_LOOK_SECONDS, left))


def _stop(number: int, _frame: FrameType | None) -> None:
    _ignore()
    raise Stopped(number)


def _ignore() -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
