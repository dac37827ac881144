"""`funnelwatch definition`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.cli import run
from streams.definition.load import DEFAULT_PATH
from tests.definition.changed import SIGNED, line, text


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No dotenv file of a running `up` is found."""
    monkeypatch.chdir(tmp_path)
    for name, replacements in {"ours": (SIGNED,), "slow": (SIGNED, ("due: 7 days ", "due: 8 days "))}.items():
        (tmp_path / f"{name}.yaml").write_text(text(*replacements), encoding="utf-8")


@pytest.mark.parametrize("command", ["check", "show", "diff", "schema"])
def test_every_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["definition", command, "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split("Example:")[1].split())
    assert said.startswith(f"funnelwatch definition {command}")


def test_check_of_a_good_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["definition", "check", "ours.yaml", "--strict"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[-1].endswith("no mistakes, no warnings")
    demo = next(row for row in out.splitlines() if "nobody calls" in row)
    assert "inquiry > mql" in demo
    assert "untouched, undecided" in demo


def test_check_of_mistakes_says_each_on_a_line_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = text(("small_n: 30 ", "small_n: 0 "), ("due: 7 days ", "due: 7 dayz "))
    (tmp_path / "wrong.yaml").write_text(wrong, encoding="utf-8")
    assert run(["definition", "check", "wrong.yaml"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert [one.split(": ")[:2] for one in err.splitlines()] == [
        [f"wrong.yaml:{line('due: 7 dayz', wrong)}", "obligations.unnurtured.due[0].within"],
        [f"wrong.yaml:{line('small_n: 0', wrong)}", "measures.small_n"],
    ]


def test_warnings_fail_only_where_that_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    half = text(("  marketing: null\n", "  marketing: {by: Ada, date: 2026-01-31}\n"))
    (tmp_path / "half.yaml").write_text(half, encoding="utf-8")
    assert run(["definition", "check", "half.yaml"]) == 0
    place = line("  sales: null", half)
    assert f"half.yaml:{place}: signatures.sales: warning: sales has not signed" in capsys.readouterr().out
    assert run(["definition", "check", "half.yaml", "--strict"]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "gone.yaml"], "'gone.yaml' does not exist"),
        (["show", "gone.yaml"], "'gone.yaml' does not exist"),
        (["diff", "ours.yaml", "gone.yaml"], "'gone.yaml' does not exist"),
        (["diff"], "Missing argument"),
        (["check", "--stritc"], "No such option"),
        (["show", "empty.yaml"], "empty.yaml:1: is empty"),
        (["diff", "ours.yaml", "empty.yaml"], "empty.yaml:1: is empty"),
    ],
)
def test_usage_errors_are_one_line(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.yaml").write_text("")
    assert run(["definition", *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_without_a_file_it_is_the_one_in_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["definition", "check"]) == 0
    assert str(DEFAULT_PATH) in capsys.readouterr().out
    monkeypatch.setenv("FUNNELWATCH_DEFINITION", "slow.yaml")
    assert run(["definition", "show"]) == 0
    out = capsys.readouterr().out
    assert "(slow.yaml)" in out
    assert "marketing owes it within 8 days" in out


def test_show_tells_the_agreement(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["definition", "show", "ours.yaml"]) == 0
    out = capsys.readouterr().out
    for said in (
        "marketing: signed by Ada on 2026-01-31",
        "sales: signed by Bo on 2026-02-01",
        "60 points or more",
        "+60  form submitted, form kind demo request or contact",
        "ends with sal, rejected or nurture",
        "- Call, and write the same day if nobody answers",
        "untouched: sales owes it within 30 business minutes if hot, else 1 business day; warned at 75 % of it",
        "from: enters mql, and a person owns it, unless sales touch before",
        "Europe/London: mon-fri 09:00-17:00; 21 holidays",
    ):
        assert said in out


def test_show_as_json_is_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["definition", "show", "ours.yaml", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (len(found["version"]), found["signed"]) == (12, True)
    assert found["definition"]["signatures"]["sales"] == {"by": "Bo", "date": "2026-02-01"}
    assert found["definition"]["obligations"]["unnurtured"]["due"] == [{"when": None, "within": "7 days"}]


def test_diff_names_both_versions_and_each_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["definition", "diff", "ours.yaml", "slow.yaml"]) == 1
    first, second, change = capsys.readouterr().out.splitlines()
    assert first.startswith("--- ours.yaml ")
    assert second.startswith("+++ slow.yaml ")
    assert first.split()[-1] != second.split()[-1]
    assert change == "  obligations.unnurtured.due: 7 days -> 8 days"


def test_diff_of_one_file_is_with_the_one_in_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["definition", "diff", "ours.yaml"]) == 1
    assert "  signatures.sales: null -> {by: Bo, date: 2026-02-01}" in capsys.readouterr().out
    monkeypatch.setenv("FUNNELWATCH_DEFINITION", "ours.yaml")
    assert run(["definition", "diff", "ours.yaml"]) == 0
    assert "say the same: version" in capsys.readouterr().out


def test_schema_is_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["definition", "schema"]) == 0
    assert capsys.readouterr().out == DEFAULT_PATH.with_suffix(".schema.json").read_text(encoding="utf-8")
