"""What is told of a part that died, and when it is started again."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local import stack
from deploy.local.process import Process, ProcessDied
from deploy.settings import Settings

DEADLINE = 30.0
LONG = 'import sys, time; print("up"); sys.stdout.flush(); time.sleep(600)'


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("logged", "why"),
    [
        (
            "CRITICAL worker: journey[0] failed, nothing of it is committed (step=journey); SinkError: timed out",
            "SinkError: timed out",
        ),
        ("Traceback (most recent call last):\\n  File x\\nKeyError: 3", "ended with 1: KeyError: 3"),
    ],
)
def test_the_cause_stands_before_the_noise(tmp_path: Path, logged: str, why: str) -> None:
    noise = "Traceback (most recent call last):\\n  File y\\nRuntimeError: Event loop is closed\\n"
    script = f"import sys; print('{logged}'); print('{noise}' * 50); sys.exit(1)"
    process = Process("worker", [sys.executable, "-c", script], tmp_path / "worker.log")
    until(lambda: process.exit_code is not None)
    first, *_ = process.obituary().splitlines()
    assert why in first
    assert "Event loop" not in first


def test_the_log_of_a_run_before_is_not_told(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("a failed, nothing of it is committed: long ago\n")
    process = Process("worker", [sys.executable, "-c", "raise SystemExit(3)"], log)
    until(lambda: process.exit_code is not None)
    assert "long ago" not in process.obituary()


def supervised(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch, script: str) -> stack.Stack:
    monkeypatch.setattr(stack, "BACKOFF_SECONDS", 0.0)
    (tmp_path / "stand_in.py").write_text(script)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    one = stack.Stack(Settings(), tmp_path / "logs", said.append)
    one.start("worker", "stand_in")
    return one


def test_a_worker_that_dies_is_started_again_and_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    one = supervised(tmp_path, said, monkeypatch, "raise SystemExit(3)")
    one.supervise()

    def given_up() -> bool:
        try:
            one.check()
        except ProcessDied:
            return True
        return False

    until(given_up)
    assert len(said) == stack.RESTARTS
    assert said[0] == "worker ended with 3; starting it again in 0 s (1 of 5)"


def test_a_killed_worker_runs_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    one = supervised(tmp_path, said, monkeypatch, LONG)
    try:
        one.supervise()
        first = one.processes[0]
        first.kill()

        def replaced() -> bool:
            one.check()
            return one.processes[0] is not first

        until(replaced)
        assert one.processes[0].exit_code is None
        assert len(said) == 1
    finally:
        one.stop()


def test_before_it_was_ready_nothing_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = supervised(tmp_path, [], monkeypatch, "raise SystemExit(3)")
    until(lambda: one.processes[0].exit_code is not None)
    with pytest.raises(ProcessDied):
        one.check()
