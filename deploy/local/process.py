"""A child process that cannot outlive us: own process group, log in a file, killed by the kernel when we are."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_FATAL = "failed, nothing of it is committed"  # the worker's last word
_libc = ctypes.CDLL(None, use_errno=True)


class ProcessDied(RuntimeError):
    """A child ended by itself; the message says which, how, and what it logged last."""


class Process:
    """Starts at once. The thread that starts it has to live as long as it should."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        parent = os.getpid()

        def die_with_parent() -> None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died before that was set
                os._exit(1)

        with log.open("ab") as output:
            self._began = output.tell()
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                process_group=0,
                preexec_fn=die_with_parent,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._popen.poll()

    def check(self) -> None:
        """Raises ProcessDied if it does not run any more."""
        if self.exit_code is not None:
            raise ProcessDied(self.obituary())

    def obituary(self, lines: int = 15) -> str:
        last = self._logged()[-lines:]
        said = "\n".join(f"  | {line}" for line in last) or "  | (it logged nothing)"
        return f"{self.headline()}; its last lines in {self.log}:\n{said}"

    def headline(self) -> str:
        """How it ended, and why if its log says so; one line."""
        code = self.exit_code
        if code is not None and code < 0:  # from outside: what it logged before is no cause
            return f"{self.name} was killed by {signal.Signals(-code).name}"
        why = cause(self._logged())
        return f"{self.name} ended with {code}" + (f": {why}" if why else "")

    def _logged(self) -> list[str]:
        with self.log.open("rb") as log:
            log.seek(self._began)
            return log.read().decode(errors="replace").splitlines()

    def stop(self, grace: float) -> None:
        """SIGTERM, after `grace` seconds SIGKILL, both to the whole group; returns when nothing of it runs."""
        if self.exit_code is None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(grace)
        self._signal(signal.SIGKILL)
        self._popen.wait()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self._popen.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def cause(logged: Sequence[str]) -> str:
    """The line that names why a process died, which the noise of its end may stand far below; empty if none does."""
    for line in logged:
        if _FATAL in line:
            return line.strip()
    inside = False
    for line in logged:
        if line.startswith("Traceback ("):
            inside = True
        elif inside and line and not line[0].isspace():
            return line
    return ""


def wait_until(ready: Callable[[], bool], what: str, check: Callable[[], None], deadline: float) -> None:
    """Calls `ready` until it returns true. Raises what `check` raises, or TimeoutError after `deadline` seconds."""
    end = time.monotonic() + deadline
    while not ready():
        check()
        if time.monotonic() > end:
            raise TimeoutError(f"{what} was not ready within {deadline:g} s")
        time.sleep(0.02)
