from __future__ import annotations

import csv
import gzip
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.sources.files import BadRow, SourceError, read_rows

# Python's csv module reads a lone carriage return as a line end even where it was written bare, hence without it.
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=12).map(str.strip)


def put(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8),
    zipped=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_written_csv_reads_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], zipped: bool, end: str, quoting: Any
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, quoting=quoting)
    writer.writerows([["a", "b", "c"], *rows])
    data = text.getvalue().encode()
    path = tmp_path_factory.mktemp("csv") / ("rows.csv.gz" if zipped else "rows.csv")
    path.write_bytes(gzip.compress(data) if zipped else data)
    assert [row for _, row in read_rows(path)] == [dict(zip("abc", row, strict=True)) for row in rows]


JSON_ROWS = st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.booleans(), st.integers(), st.text()))


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(JSON_ROWS, max_size=8))
def test_written_ndjson_reads_back(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> None:
    path = put(tmp_path_factory.mktemp("nd"), "rows.ndjson", "".join(json.dumps(row) + "\n" for row in rows))
    assert list(read_rows(path)) == list(enumerate(rows, start=1))


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=200), name=st.sampled_from(["x.csv", "x.ndjson"]))
def test_any_bytes_give_rows_bad_rows_or_one_clear_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = put(tmp_path_factory.mktemp("any"), name, data)
    with suppress(SourceError):
        assert all(line >= 1 and isinstance(row, (dict, BadRow)) for line, row in read_rows(path))


def test_a_row_begins_where_its_first_line_is(tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", 'a,b\n1,"two\nlines"\n\n3,4\n')
    assert list(read_rows(path)) == [(2, {"a": "1", "b": "two\nlines"}), (5, {"a": "3", "b": "4"})]


def test_byte_order_mark_and_blanks_are_no_part_of_a_name(tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", b"\xef\xbb\xbfid , b\n 7,8 \n")
    assert list(read_rows(path)) == [(2, {"id": "7", "b": "8"})]


@pytest.mark.parametrize(
    ("name", "text"), [("x.csv", "a;b\n1;2,5\n"), ("x.tsv", "a\tb\n1\t2,5\n"), ("x.csv", "a\tb\n1\t2,5\n")]
)
def test_delimiter_follows_name_or_header(tmp_path: Path, name: str, text: str) -> None:
    assert list(read_rows(put(tmp_path, name, text))) == [(2, {"a": "1", "b": "2,5"})]


def test_a_given_delimiter_wins(tmp_path: Path) -> None:
    assert list(read_rows(put(tmp_path, "x.csv", "a,b|c\n1,2|3\n"), delimiter="|")) == [(2, {"a,b": "1,2", "c": "3"})]


def test_bad_rows_stand_between_good_ones(tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", b'a,b\n1\n2,3\n4,\xe9\n"x"y,1\n5,6,7\n8,9\n"open,1\n')
    rows = list(read_rows(path))
    assert [line for line, _ in rows] == [2, 3, 4, 5, 6, 7, 8]
    assert [row for _, row in rows if isinstance(row, dict)] == [{"a": "2", "b": "3"}, {"a": "8", "b": "9"}]
    reasons = [row.reason for _, row in rows if isinstance(row, BadRow)]
    assert reasons[0] == "1 cells where the header has 2"
    assert reasons[1] == "column 'b' is not utf-8: byte 0xe9"
    assert reasons[2].startswith("not CSV")
    assert reasons[4].startswith("not CSV")


def test_another_encoding(tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", "a\nMünchen\n".encode("latin-1"))
    assert list(read_rows(path, encoding="latin-1")) == [(2, {"a": "München"})]


def test_ndjson_oddities(tmp_path: Path) -> None:
    path = put(tmp_path, "x.jsonl", b'\xef\xbb\xbf{"a": 1}\n\n[1]\n{"a": NaN}\n{\n{"a": "\xff"}\n{"a": 2}')
    rows = list(read_rows(path))
    assert [(line, row) for line, row in rows if isinstance(row, dict)] == [(1, {"a": 1}), (7, {"a": 2})]
    assert [line for line, row in rows if isinstance(row, BadRow)] == [3, 4, 5, 6]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.parquet", b"", "neither CSV nor NDJSON"),
        ("x.csv.gz", b"no gzip", "Not a gzipped file"),
        ("x.csv", b"\na,b\n", "the header is blank"),
        ("x.csv", b"a,,b\n", "column 2 has no name"),
        ("x.csv", b"a,b,a\n", "two columns are named 'a'"),
        ("x.csv", b"a,\xe9\n", "the header is not utf-8"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = put(tmp_path, name, data)
    with pytest.raises(SourceError, match=message) as caught:
        list(read_rows(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_unknown_encoding_and_cut_gzip(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        list(read_rows(tmp_path / "none.csv"))
    with pytest.raises(SourceError, match="unknown encoding"):
        list(read_rows(put(tmp_path, "x.csv", "a\n"), encoding="klingon"))
    cut = put(tmp_path, "x.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 5000)[:-20])
    with pytest.raises(SourceError, match=r"x\.csv\.gz"):
        list(read_rows(cut))


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert list(read_rows(put(tmp_path, "x.csv", ""))) == []
