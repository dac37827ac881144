"""Rows of CSV and NDJSON files, plain or gzipped, with the line each begins on.

A row that cannot be read is a value (`BadRow`) and reading goes on; only a file that cannot be read at all raises.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, NoReturn, cast

Format = Literal["csv", "ndjson"]
Row = dict[str, Any]

FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "ndjson",
}


class SourceError(Exception):
    """The file as a whole cannot be used; the text is one line that names it."""


@dataclass(frozen=True, slots=True)
class BadRow:
    reason: str


def format_of(path: Path) -> Format | None:
    """CSV or NDJSON, by the name."""
    return FORMATS.get(_suffix(path)[0])


def _suffix(path: Path) -> tuple[str, bool]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    zipped = suffixes[-1:] == [".gz"]
    return ((suffixes[:-1] if zipped else suffixes) or [""])[-1], zipped


def read_rows(
    path: Path, *, format: Format | None = None, delimiter: str | None = None, encoding: str = "utf-8"
) -> Iterator[tuple[int, Row | BadRow]]:
    """Yield (line, row) in file order; line counts from 1 and is where the row begins.

    The format follows from the name (.csv .tsv .ndjson .jsonl, and these with .gz) unless given. A CSV file begins
    with a header, whose names become the keys; its cells are strings without surrounding blanks. The delimiter, unless
    given, is a tab for .tsv, else a comma, or a semicolon or tab where the header has those and no comma.
    NDJSON rows keep their JSON types; blank lines are skipped in both.

    Raises SourceError: no such file, unknown format or encoding, damaged gzip, a header that cannot be used.
    """
    suffix, zipped = _suffix(path)
    chosen = format or format_of(path)
    if chosen is None:
        raise SourceError(f"{path}: neither CSV nor NDJSON by its name; say `format` in the mapping")
    if delimiter is None and suffix == ".tsv":
        delimiter = "\t"
    try:
        "".encode(encoding)
        with cast(IO[bytes], gzip.open(path) if zipped else path.open("rb")) as file:
            if chosen == "csv":
                yield from _csv_rows(path, file, delimiter, encoding)
            else:
                yield from _json_rows(file, encoding)
    except LookupError:
        raise SourceError(f"{path}: unknown encoding {encoding!r}") from None
    except UnicodeError as error:
        raise SourceError(f"{path}: not {encoding}: {error}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error


def delimiter_of(path: Path) -> str:
    """What parts the cells of a CSV file, as `read_rows` takes it. Raises SourceError."""
    suffix, zipped = _suffix(path)
    try:
        with cast(IO[bytes], gzip.open(path) if zipped else path.open("rb")) as file:
            return _delimiter(suffix, file.readline().decode(errors="replace"))
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error


def _delimiter(suffix: str, header: str) -> str:
    return "\t" if suffix == ".tsv" else next((mark for mark in ",;\t" if mark in header), ",")


def _unreadable(path: Path, error: Exception) -> SourceError:
    return SourceError(f"{path}: {getattr(error, 'strerror', None) or error}")


def _csv_rows(path: Path, file: IO[bytes], delimiter: str | None, encoding: str) -> Iterator[tuple[int, Row | BadRow]]:
    utf8 = encoding.lower().replace("_", "-") in ("utf-8", "utf8")
    # Bytes that are no text become lone surrogates, so that they spoil their own row and no other.
    with io.TextIOWrapper(file, "utf-8-sig" if utf8 else encoding, errors="surrogateescape", newline="") as text:
        first = text.readline()
        if not first.strip():
            if first or text.read(1):
                raise SourceError(f"{path}: line 1: the header is blank")
            return
        reader = csv.reader(_chain(first, text), delimiter=delimiter or _delimiter("", first), strict=True)
        try:
            names = [name.strip() for name in next(reader)]
        except csv.Error as error:
            raise SourceError(f"{path}: line 1: the header cannot be read: {error}") from None
        _check_header(path, names, encoding)
        line = reader.line_num + 1
        while True:
            row: Row | BadRow | None
            try:
                cells = next(reader)
                row = _csv_row(names, cells, encoding)
            except StopIteration:
                return
            except csv.Error as error:
                row = BadRow(f"not CSV: {error}")
            if row is not None:
                yield line, row
            line = reader.line_num + 1


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _check_header(path: Path, names: list[str], encoding: str) -> None:
    def fail(why: str) -> NoReturn:
        raise SourceError(f"{path}: line 1: {why}")

    if any(_undecoded(name) is not None for name in names):
        fail(f"the header is not {encoding}; say `encoding` in the mapping")
    if "" in names:
        fail(f"column {names.index('') + 1} has no name")
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        fail(f"two columns are named {twice!r}")


def _csv_row(names: list[str], cells: list[str], encoding: str) -> Row | BadRow | None:
    if not cells:
        return None
    if len(cells) != len(names):
        return BadRow(f"{len(cells)} cells where the header has {len(names)}")
    row = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    for name, cell in row.items():
        if not cell.isascii() and (byte := _undecoded(cell)) is not None:
            return BadRow(f"column {name!r} is not {encoding}: byte 0x{byte:02x}")
    return row


def _undecoded(text: str) -> int | None:
    """The first byte that the encoding could not decode."""
    return next((ord(char) - 0xDC00 for char in text if 0xDC80 <= ord(char) <= 0xDCFF), None)


def _json_rows(file: IO[bytes], encoding: str) -> Iterator[tuple[int, Row | BadRow]]:
    utf8 = encoding.lower().replace("_", "-") in ("utf-8", "utf8")
    for line, data in enumerate(file, start=1):
        data = data.removeprefix(b"\xef\xbb\xbf") if line == 1 else data
        if not data.strip():
            continue
        try:
            value = json.loads(data.decode("utf-8" if utf8 else encoding), parse_constant=_no_number)
        except UnicodeDecodeError as error:
            yield line, BadRow(f"not {encoding}: byte 0x{data[error.start]:02x}")
        except (ValueError, RecursionError) as error:
            yield line, BadRow(f"not JSON: {error}")
        else:
            yield line, value if isinstance(value, dict) else BadRow("not a JSON object")


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
