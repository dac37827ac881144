"""The page of measures (dashboards/measures.md) is true: each measure is on it, its example can be asked, and its board
shows it."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from dashboards.boards import BOARDS
from sinks.migrate import scripts
from sinks.reader import BoardsReader
from tests.support.clickhouse import LocalClickHouse
from tests.support.made import Made

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "dashboards" / "measures.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.+) \| `(SELECT .+)` \| (.+) \|$", re.MULTILINE)
ROWS = {name: (formula, example, board) for name, formula, example, board in ROW.findall(PAGE)}
NOT_MEASURES = {
    "obligations",
    "deal_origins",
    "mql_units",
    "reach",
    "sources",
    "response_leads",
    "closed_loop_activity",
}


def views() -> set[str]:
    """Those of any time, i.e. with `_as_of`, and the verdicts."""
    found = {name for script in scripts() for name in re.findall(r"VIEW boards\.(\w+)_as_of\b", script.text)}
    return (found - {"data"} | {"data_as_of"}) - NOT_MEASURES


def test_every_measure_is_on_the_page() -> None:
    assert set(ROWS) == views()


def test_readme_leads_to_the_page() -> None:
    assert "[Measures](dashboards/measures.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ROWS)
def test_its_board_has_it(name: str) -> None:
    """That the panel says what the view does is compared in tests/dashboards."""
    board = ROWS[name][2]
    panels = {f"{one.title}: `{panel.id}`" for one in BOARDS.values() for panel in one.panels}
    assert board in panels | {"every board, in its head"}


def questions() -> list[str]:
    """What the page says to ask."""
    return [example for _, example, _ in ROWS.values()] + re.findall(r'funnelwatch query "(SELECT [^"]+)"', PAGE)


@pytest.mark.slow
@pytest.mark.parametrize("question", questions())
def test_what_it_says_to_ask_has_an_answer(made: Made, clickhouse: LocalClickHouse, question: str) -> None:
    made.lead("L1")
    made.write()
    with closing(BoardsReader(clickhouse.boards_url)) as reader:
        reader.query(question)
