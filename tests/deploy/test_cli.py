from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.cli import app, run
from deploy.explain import ambiguous
from tests.support.files import LEADS_MAPPING

COMMANDS = [command.callback.__name__ for command in app.registered_commands if command.callback]
MAPPING = LEADS_MAPPING.replace("          email: email\n", "")  # the files here have no addresses


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No dotenv file of a running `up` is found."""
    monkeypatch.chdir(tmp_path)


def test_the_commands_of_the_main_path_are_there() -> None:
    wanted = {"up", "demo", "worker", "viewer", "migrate", "load", "query", "explain", "doctor", "topics"}
    assert set(COMMANDS) >= wanted


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert f"funnelwatch {command}" in " ".join(capsys.readouterr().out.split("Example:")[1].split())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["up", "--fro", "3s"], 2, "No such option: --fro"),
        (["up", "--for", "soon"], 2, "--for='soon': must be a duration"),
        (["query"], 2, "Missing argument 'SQL'"),
        (["query", "SELECT 1"], 2, "CLICKHOUSE_URL is not set"),
        (["query", " -- nothing"], 1, "the SQL is empty"),
        (
            ["query", "SHOW TABLES"],
            1,
            "only one SELECT over the boards' views; they are: activities, assignments, ",
        ),
        (["query", "SELECT 1 FORMAT JSON;"], 1, "--format json"),
        (["query", "SELECT 1", "--env-file", "/"], 2, "/: is a directory"),
        (["up", "--data-dir", "/proc/x"], 2, "--data-dir /proc/x"),
        (["query", "SELECT 1", "--env-file", "gone.env"], 2, "gone.env: no such file"),
        (["worker"], 2, "KAFKA_BOOTSTRAP_SERVERS is not set"),
        (["load", "x.csv", "--mapping", "gone.yaml"], 2, "KAFKA_BOOTSTRAP_SERVERS is not set"),
        (["load", "x.csv", "--mapping", "gone.yaml", "--dry-run"], 2, "gone.yaml: No such file"),
    ],
)
def test_errors_are_one_line(arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("funnelwatch: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["topics"], "Kafka at 127.0.0.1:1: "),
        (["query", "SELECT 1"], "no ClickHouse at 127.0.0.1:1: connection refused\n"),
        (["explain", " "], "explain whom?"),
    ],
)
def test_what_does_not_answer_is_named(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("CLICKHOUSE_URL", "http://127.0.0.1:1")
    assert run(arguments) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_dry_run_shows_the_first_events_and_every_bad_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["id,when", *(f"L{n},2025-09-{n:02}" for n in range(1, 9)), "L9,yesterday"]
    (tmp_path / "leads.csv").write_text("\n".join(rows))
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    assert run(["load", "leads.csv", "--mapping", "mapping.yaml", "--dry-run"]) == 1
    out, err = capsys.readouterr()
    *events, last = out.splitlines()
    assert [json.loads(line)["key"] for line in events] == [f"L{n}" for n in range(1, 6)]
    assert last == "would send 8 events (crm 8); 1 rows rejected"
    assert err.startswith("leads.csv:10: ")


def test_what_the_worker_would_refuse_is_a_rejected_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    large = "x" * 110_000
    (tmp_path / "leads.csv").write_text(f"id,when\nL1,2025-09-01\nL2,2099-01-01\nL3,1970-01-01\n{large},2025-09-01\n")
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    assert run(["load", "leads.csv", "--mapping", "mapping.yaml", "--dry-run"]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "would send 1 events (crm 1); 3 rows rejected"
    assert [line.split(": ")[:2] for line in err.splitlines()] == [
        ["leads.csv:3", "impossible_time"],
        ["leads.csv:4", "impossible_time"],
        ["leads.csv:5", "too_large"],
    ]


def test_a_file_of_settings_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.env").write_text("A=1\n\n=what is this\n")
    assert run(["doctor", "--env-file", "bad.env"]) == 2
    assert capsys.readouterr().err == "funnelwatch: bad.env: line 3: not NAME=VALUE\n"


def test_the_file_of_a_killed_up_is_told_from_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stale = f"# written by funnelwatch up, process {ended.pid}\nCLICKHOUSE_URL='http://127.0.0.1:1'\n"
    (tmp_path / ".funnelwatch.env").write_text(stale)
    assert run(["query", "SELECT 1"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"funnelwatch: the `up` (process {ended.pid}) that wrote .funnelwatch.env is gone")
    assert said.count("\n") == 1
    monkeypatch.setenv("CLICKHOUSE_URL", "http://127.0.0.1:2")  # as a worker that `up` starts here has it
    assert run(["query", "SELECT 1"]) == 1
    assert "no ClickHouse at 127.0.0.1:2" in capsys.readouterr().err


def test_the_library_logs_nothing_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.cli", "query", "SELECT 1"]
    root = str(Path(__file__).parents[2])
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": root, "CLICKHOUSE_URL": "http://127.0.0.1:1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stderr == "funnelwatch: no ClickHouse at 127.0.0.1:1: connection refused\n"


def test_a_taken_port_of_the_viewer_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("CLICKHOUSE_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("FUNNELWATCH_VIEWER_PORT", str(port))
        assert run(["viewer"]) == 2
    said = capsys.readouterr().err
    assert said == f"funnelwatch: FUNNELWATCH_VIEWER_PORT={port}: taken on 127.0.0.1 already; take another\n"


def test_many_leads_of_one_name_are_not_all_told() -> None:
    assert "5 leads, ask for one of them: a, b, c, d, e" in str(ambiguous("x", list("abcde")))
    assert str(ambiguous("x", list("abcdefg"))).endswith("a, b, c, d, e and 2 more")
