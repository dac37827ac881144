from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.cli import app, run

COMMANDS = [command.callback.__name__ for command in app.registered_commands if command.callback]
MAPPING = """
source: shop
inputs:
  - files: "*.csv"
    events:
      - name: lead
        topic: crm
        id: [id]
        fields:
          type: {const: lead_created}
          record_kind: {const: lead}
          record_id: id
          occurred_at: {column: when, time: "%Y-%m-%d", zone: Europe/Berlin}
"""


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
    [(["topics"], "Kafka at 127.0.0.1:1: "), (["query", "SELECT 1"], "no ClickHouse at 127.0.0.1:1: ")],
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
