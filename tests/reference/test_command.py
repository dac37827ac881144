from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from deploy.cli import run
from sinks.tables import TABLES
from streams.definition.load import load_definition
from streams.reference import KindName
from streams.reference.kinds import KINDS
from streams.reference.read import read


def test_mistakes_are_told_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLICKHOUSE_URL", "http://127.0.0.1:1")
    (tmp_path / "users.csv").write_text("user_id,department\nu1,sails\nu2,\n")
    assert run(["load", "users.csv", "--as", "users"]) == 1
    assert capsys.readouterr().err == (
        "users.csv:2: department: 'sails' is no department; write sales\n"
        "users.csv:3: department: is empty; write marketing, sales, operations or other\n"
        "funnelwatch: 2 mistakes: nothing was loaded, as reference data is loaded as a whole\n"
    )
    (tmp_path / "users.csv").write_text("user_id,department,region\nu1,sales,mars\n")
    assert run(["load", "users.csv", "--as", "users", "--dry-run"]) == 1
    warning, failure = capsys.readouterr().err.splitlines()
    assert warning.startswith("warning: users.csv:2: region: 'mars' is no region of the definition; is it ")
    assert failure == "funnelwatch: no ClickHouse at 127.0.0.1:1: connection refused"
    assert run(["load", "gone.csv", "--as", "users"]) == 2
    assert capsys.readouterr().err == "funnelwatch: gone.csv: No such file or directory\n"


LINES: dict[KindName, str] = {
    "users": "user_id,department\nu1,sales\n",
    "spend": "channel,month,amount,currency\nemail,2026-03,1,EUR\n",
    "targets": "month,leads\n2026-03,1\n",
    "target_accounts": "account\na\n",
    "rates": "currency,from,rate\nEUR,2026-03-01,1\n",
}


@pytest.mark.parametrize("kind", get_args(KindName))
def test_a_row_has_the_columns_of_its_table(kind: KindName, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(LINES[kind])
    (row,) = read(kind, [tmp_path / "x.csv"], load_definition()).rows
    assert set(row) == {column.name for column in TABLES[kind].values}
    assert set(KINDS[kind].same) <= set(row)
    assert set(KINDS[kind].needed) <= set(KINDS[kind].columns)
