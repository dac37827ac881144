"""`funnelwatch up` as a person has it: a process that starts others, and leaves none of them behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkstemp

import pytest

from tests.support.files import LEADS_MAPPING
from tests.support.sockets import listening, tree

READY_SECONDS = 120.0
GONE_SECONDS = 40.0


class Up:
    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        handle, name = mkstemp(suffix=".log", dir=folder)
        os.close(handle)
        self.log = Path(name)  # of its own: two may run in a folder
        self.env_file = folder / "stack.env"
        command = [sys.executable, "-m", "deploy.cli", "up", "--env-file", str(self.env_file), *arguments]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=_environment())
        self.seen: set[int] = set()

    @property
    def said(self) -> str:
        return self.log.read_text()

    def children(self) -> dict[str, int]:
        """Part -> pid of those that run."""
        try:
            pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        except FileNotFoundError:
            return {}
        found = {name: int(pid) for pid in pids if (name := _part(int(pid)))}
        self.seen.update(found.values())
        return found

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deploy.cli", *arguments, "--env-file", str(self.env_file)]
        return subprocess.run(command, cwd=self.folder, env=_environment(), capture_output=True, text=True, timeout=60)

    def ready(self) -> None:
        self.wait(self.env_file.exists, READY_SECONDS, "ready")

    def wait(self, condition: Callable[[], bool], deadline: float, what: str) -> None:
        end = time.monotonic() + deadline
        while not condition():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, f"not {what} after {deadline:g} s:\n{self.said}"
            self.children()
            time.sleep(0.05)

    def none_left(self) -> None:
        end = time.monotonic() + GONE_SECONDS
        while left := {pid for pid in self.seen if _part(pid)}:
            assert time.monotonic() < end, f"still there: {[_part(pid) for pid in left]}"
            time.sleep(0.05)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def _part(pid: int) -> str:
    """Which part a process is; empty for one that has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    if state in "ZX":
        return ""
    return next((part for part in ("clickhouse", "worker", "viewer", "broker") if any(part in w for w in words)), "")


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def start(*arguments: str) -> Up:
        started.append(Up(tmp_path, *arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()


@pytest.mark.slow
def test_all_is_ready_and_then_nothing_is_left(up: Callable[..., Up]) -> None:
    stack = up()
    stack.ready()
    assert set(stack.children()) == {"broker", "clickhouse", "worker", "viewer"}
    assert stack.env_file.stat().st_mode & 0o777 == 0o600
    nobody_else_can_reach(stack)
    doctor = stack.run("doctor")
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    answer = stack.run("query", "SELECT count() AS n FROM leads", "--format", "csv")
    assert answer.stdout == "n\n0\n", answer.stderr
    refused = stack.run("query", "SELECT count() FROM facts.leads")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert stack.run("topics", "--dry-run").returncode == 0
    assert stack.run("migrate").stdout == "up to date\n"
    nobody = stack.run("explain", "L0123456789abcdef")
    assert (nobody.returncode, nobody.stderr[:37]) == (1, "funnelwatch: nobody is known as L0123")
    files_become_leads(stack)

    stack.process.send_signal(signal.SIGTERM)
    assert stack.process.wait(GONE_SECONDS) == 0, stack.said
    stack.none_left()
    assert not stack.env_file.exists()
    assert not (stack.folder / ".funnelwatch" / "volatile").exists()


def nobody_else_can_reach(stack: Up) -> None:
    """Every socket is on loopback, and no password stands where all users of the machine can read it."""
    sockets = listening(stack.process.pid)
    assert len(sockets) >= 3  # broker, ClickHouse, viewer
    assert {address for address, _ in sockets} == {"127.0.0.1"}
    secrets = re.findall(r"_KEY='(\w+)'|default:(\w+)@", stack.env_file.read_text())
    assert len(secrets) == 2
    for pid in tree(stack.process.pid):
        shown = Path(f"/proc/{pid}/cmdline").read_text() + Path(f"/proc/{pid}/comm").read_text()
        assert not [secret for found in secrets for secret in found if secret and secret in shown]


def files_become_leads(stack: Up) -> None:
    rows = ["id,when,email", *(f"00Q{n},2025-09-{n:02},p{n}@customer{n}.example" for n in range(1, 21)), "00Q21,soon,"]
    (stack.folder / "leads.csv").write_text("\n".join(rows))
    (stack.folder / "mapping.yaml").write_text(LEADS_MAPPING)
    for _ in range(2):  # the second time changes nothing
        loaded = stack.run("load", "leads.csv", "--mapping", "mapping.yaml", "--wait")
        assert loaded.returncode == 1, loaded.stderr
        assert loaded.stdout == "20 events (crm 20) stand in ClickHouse; 1 rows rejected\n"
        assert "leads.csv:22: " in loaded.stderr
        counted = stack.run(
            "query", "SELECT count() AS n, countIf(crm_record_id != '') AS m FROM leads", "--format", "json"
        )
        assert json.loads(counted.stdout) == [{"n": 20, "m": 20}], counted.stderr
    told = {asked: stack.run("explain", asked) for asked in ("00Q7", "P7@customer7.example")}
    for one in told.values():
        assert one.returncode == 0, one.stderr
        assert "crm_lead 00Q7 since 2025-09-06 22:00:00" in one.stdout
        assert "[shop/lead:00Q7]" in one.stdout
        assert "p7@" not in one.stdout


@pytest.mark.slow
def test_the_demo_in_one_object(tmp_path: Path) -> None:
    options = ["--headless", "--json", "--for", "3s", "--history", "20d", "--speed", "600"]
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "demo", *options],
        cwd=tmp_path,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == ["events_in", "leads", "facts", "obligations", "rejected", "freshness_s"]
    assert said["events_in"] > 3000
    assert 0 < said["leads"] < said["facts"]
    assert {"capture_gap", "unrouted", "untouched", "undecided", "handoff", "stalled_deal"} <= set(said["obligations"])
    states = {"open", "warned", "leaking", "recovered", "met", "lost", "voided"}
    assert all(set(one) == states for one in said["obligations"].values())
    assert sum(one["leaking"] for one in said["obligations"].values()) > 0
    assert said["rejected"]
    assert 0 < said["freshness_s"]["p50"] <= said["freshness_s"]["p95"]


@pytest.mark.slow
@pytest.mark.parametrize(("said", "code"), [("history", 143), ("live; boards at", 0)])
def test_an_interrupted_demo(tmp_path: Path, said: str, code: int) -> None:
    options = ["--headless", "--json", "--history", "20d", "--speed", "600"]
    command = [sys.executable, "-m", "deploy.cli", "demo", *options]
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        demo = subprocess.Popen(command, cwd=tmp_path, env=_environment(), stdout=out, stderr=err)
    mark = "settings   " if said == "history" else said
    end = time.monotonic() + READY_SECONDS
    while mark not in (tmp_path / "err").read_text():
        assert demo.poll() is None, (tmp_path / "err").read_text()
        assert time.monotonic() < end
        time.sleep(0.05)
    demo.send_signal(signal.SIGTERM)
    assert demo.wait(READY_SECONDS) == code
    printed = (tmp_path / "out").read_text()
    if code:
        assert printed == ""
        assert "stopped before the live part began" in (tmp_path / "err").read_text()
    else:
        assert json.loads(printed)["leads"] > 0


def test_a_second_one_in_the_same_folder_is_refused(up: Callable[..., Up]) -> None:
    first = up()
    first.wait(lambda: bool(first.children()), READY_SECONDS, "started")
    second = up()
    assert second.process.wait(READY_SECONDS) == 2
    assert "another `funnelwatch up` uses it" in second.said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_before_it_was_ready(up: Callable[..., Up], number: signal.Signals) -> None:
    stack = up()
    stack.wait(lambda: "clickhouse" in stack.children(), READY_SECONDS, "started")
    stack.process.send_signal(number)
    assert stack.process.wait(GONE_SECONDS) == 0, stack.said
    stack.none_left()


def test_a_killed_one_takes_everything_with_it(up: Callable[..., Up]) -> None:
    stack = up()
    stack.wait(lambda: len(stack.children()) >= 3, READY_SECONDS, "started")
    stack.process.kill()
    stack.process.wait()
    stack.none_left()


def test_a_part_that_dies_is_named_and_ends_all(up: Callable[..., Up]) -> None:
    stack = up()
    stack.wait(lambda: "worker" in stack.children(), READY_SECONDS, "started")
    os.kill(stack.children()["worker"], signal.SIGKILL)
    assert stack.process.wait(GONE_SECONDS) == 1
    assert "funnelwatch: worker was killed by SIGKILL; its last lines in" in stack.said
    stack.none_left()
    assert not stack.env_file.exists()


def test_a_part_that_cannot_start_says_why(up: Callable[..., Up], monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 1  # only the system may listen there
    monkeypatch.setenv("FUNNELWATCH_VIEWER_HOST", "192.0.2.1")
    monkeypatch.setenv("FUNNELWATCH_VIEWER_PORT", str(taken))
    stack = up()
    assert stack.process.wait(READY_SECONDS) == 1
    assert "funnelwatch: viewer ended with" in stack.said
    assert "192.0.2.1" in stack.said
    stack.none_left()
