"""The numbers of story.md: each question of its last chapter, asked of ClickHouse over the facts of the story."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import sinks
from sinks.definitions import register
from sinks.live import promote
from sinks.reader import BoardsReader
from sinks.reference import write
from sinks.tables import FACTS
from sinks.writer import Batch, Writer
from streams.definition import Definition
from streams.definition.content import content_of
from streams.reference import KindName
from streams.reference.read import read
from tests.golden.story import AS_OF, EPOCH, EVENTS, MICROSECOND, TABLES
from tests.support.clickhouse import running_clickhouse
from tests.support.in_memory import TOPICS, Funnel, codec, definition

QUESTIONS = TABLES["How they are counted"]
REFERENCE: dict[KindName, str] = {
    "spend": "What was spent",
    "targets": "What was promised",
    "target_accounts": "Whom we want",
}
GENERATION = 1
VIEWS = Path(sinks.__file__).parent / "views"
ABOUT_DATA = {"data_as_of", "sources_as_of"}  # they measure what reached us when, which is no part of the story
WORDS = {
    "END": f"at = '{EPOCH + AS_OF * MICROSECOND:%Y-%m-%d %H:%M:%S}'",
    "MARCH": "since = '2026-03-01', until = '2026-04-01'",
    "YEAR": "since = '2026-01-01', until = '2026-05-01'",
}


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoardsReader]:
    """Of a ClickHouse that holds the story and nothing else."""
    folder = tmp_path_factory.mktemp("numbers")
    with running_clickhouse(folder / "clickhouse") as server, closing(server.client()) as client:
        agreed = definition()
        register(client, GENERATION, agreed.version, json.dumps(content_of(agreed)), working_days(agreed))
        promote(client, GENERATION)
        Writer(client, GENERATION).write(facts())
        for kind, heading in REFERENCE.items():
            found = read(kind, [as_csv(folder / f"{kind}.csv", heading)], agreed)
            assert not found.mistakes
            write(client, kind, found.rows, found.months, "the story")
        with closing(BoardsReader(server.boards_url)) as reader:
            yield reader


def working_days(agreed: Definition) -> Iterator[tuple[str, date]]:
    """Of the year of the story, by the name of the calendar."""
    for name, calendar in agreed.calendars.items():
        days = (date(2026, 1, 1) + timedelta(number) for number in range(365))
        yield from ((name, day) for day in days if calendar.openings(day))


def facts() -> Batch:
    funnel = Funnel()
    funnel.take((getattr(TOPICS, e.topic), e.key, codec().encode(f"events/{e.topic}", e.record)) for e in EVENTS)
    kept = {table.name for table in FACTS}
    batch = Batch()
    for (table, *key), values in funnel.rows.items():
        if table in kept and values is not None:
            batch.add(table, tuple(key), values, 1, 1)
    return batch


def as_csv(path: Path, heading: str) -> Path:
    lines = TABLES[heading]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return path


def sql(asked: str) -> str:
    """As the story writes it, with the database, and words for times spelled out."""
    named = re.sub(r"\b(FROM|JOIN) (\w+)", r"\1 boards.\2", asked)
    return re.sub(r"\b(END|MARCH|YEAR)\b", lambda word: WORDS[word[0]], named)


def told(rows: Any) -> str:
    return "; ".join(", ".join(map(_cell, row)) for row in rows)


def _cell(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case float():
            return f"{value:.2f}".rstrip("0").rstrip(".")
        case list() | tuple():
            return " ".join(map(str, value))
    return str(value)


def test_every_measure_has_a_number() -> None:
    named = re.compile(r"VIEW boards\.(\w+_as_of) ")
    asked = " ".join(line["asked"] for line in QUESTIONS)
    measures = {name for view in VIEWS.glob("[36]*.sql") for name in named.findall(view.read_text())}
    assert len(measures) > 20
    assert {name for name in measures - ABOUT_DATA if f"{name}(" not in asked} == set()


@pytest.mark.slow
@pytest.mark.parametrize("line", QUESTIONS, ids=[f"{n}-{line['measure']}" for n, line in enumerate(QUESTIONS, 1)])
def test_the_boards_count_as_the_story_does(line: dict[str, str], boards: BoardsReader) -> None:
    assert told(boards.query(sql(line["asked"])).rows) == line["answer"]
