"""Workers as Kubernetes would run them: each with its folder, and started again when it ends by itself."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.local.process import Process, cause
from streams.worker.failpoints import VARIABLE

_BACK_OFF = 1.0  # seconds between two starts of a worker that ends soon
_STOP_GRACE = 15.0  # the setting's default


class Pod:
    """`restarts` counts the times that it ended by itself; `quiet_ends` holds those without a word why."""

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.restarts = 0
        self.quiet_ends: list[str] = []
        self._state = folder / f"data-{name}"
        self._log = folder / f"worker-{name}.log"
        self._environment = {**os.environ, **environment, "FUNNELWATCH_DATA_DIR": str(self._state)}
        self._process: Process | None = None
        self._failpoint = ""
        self._began = 0.0
        self._log_began = 0

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.exit_code is None

    @property
    def lived(self) -> float:
        """Seconds since its last start."""
        return time.monotonic() - self._began

    def start(self, failpoint: str = "") -> None:
        """failpoint: of this start only, see streams/worker/failpoints.py."""
        assert not self.runs
        self._failpoint = failpoint
        self._log_began = self._log.stat().st_size if self._log.exists() else 0
        own = {VARIABLE: failpoint} if failpoint else {}
        command = [sys.executable, "-m", "deploy.cli", "worker"]
        self._process = Process(f"worker {self.name}", command, self._log, {**self._environment, **own})
        self._began = time.monotonic()

    def tend(self) -> None:
        """Starts it again if it has ended by itself, soon enough."""
        process = self._process
        if process is None or process.exit_code is None or self.died_at_failpoint or self.lived < _BACK_OFF:
            return
        self.restarts += 1
        if process.exit_code == 0 or not self._said():
            self.quiet_ends.append(process.obituary())
        self.start()

    @property
    def died_at_failpoint(self) -> bool:
        """It is not started again by itself then."""
        process = self._process
        return bool(self._failpoint) and process is not None and process.exit_code == -signal.SIGKILL

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
        self._process = None

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    def terminate(self) -> int:
        """SIGTERM, as a supervisor stops it; its exit code. Raises TimeoutError after the grace time."""
        process, self._process = self._process, None
        assert process is not None
        if process.exit_code is None:
            os.kill(process.pid, signal.SIGTERM)
        end = time.monotonic() + _STOP_GRACE
        while process.exit_code is None:
            if time.monotonic() > end:
                process.kill()
                raise TimeoutError(f"{process.name} did not end within {_STOP_GRACE:g} s of SIGTERM")
            time.sleep(0.05)
        return process.exit_code

    def forget(self) -> None:
        """Its folder is gone, as of a pod that came to another machine."""
        assert not self.runs
        shutil.rmtree(self._state, ignore_errors=True)

    def log(self) -> str:
        return self._log.read_text()[-3000:] if self._log.exists() else "no log"

    def _said(self) -> bool:
        """Whether it has told why it ended: the worker's last word, or the one line of a command that cannot start."""
        with self._log.open("rb") as log:
            log.seek(self._log_began)
            lines = log.read().decode(errors="replace").splitlines()
        return bool(cause(lines)) or any(line.startswith("funnelwatch: ") for line in lines)
