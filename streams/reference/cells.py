"""The lines of a CSV file as cells that are asked for by column; what is wrong is noted with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from streams.sources.files import BadRow, SourceError, delimiter_of, format_of, read_rows
from streams.sources.values import BadValue, slug

T = TypeVar("T")
_DECIMAL_MARKS = {",": ".", ";": ","}  # by what parts cells: Excel takes the semicolon where the comma is taken


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of a place in a file; line 0: of the file, column '': of the line."""

    file: str
    line: int
    column: str
    text: str

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        return f"{self.file}{line}: {self.column}{': ' if self.column else ''}{self.text}"


@dataclass(slots=True)
class Remarks:
    mistakes: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)


@dataclass(slots=True)
class Cells:
    """One line. `good` until a cell of it is wrong."""

    file: str
    line: int
    decimal_mark: str  # '' if the file does not tell
    _said: dict[str, str]
    _remarks: Remarks
    good: bool = True

    def text(self, column: str) -> str:
        return self._said.get(column, "")

    def read(self, column: str, how: Callable[[str], T], empty: T) -> T:
        """The cell by `how`, which may raise BadValue; `empty` if nothing stands in it, or a mistake."""
        if not (text := self.text(column)):
            return empty
        try:
            return how(text)
        except BadValue as error:
            self.wrong(column, str(error))
            return empty

    def need(self, column: str, how: Callable[[str], T], hint: str) -> T | None:
        """As `read`, where an empty cell is a mistake: `hint` says what to write."""
        if not self.text(column):
            self.wrong(column, f"is empty; write {hint}")
            return None
        return self.read(column, how, None)

    def wrong(self, column: str, text: str) -> None:
        self.good = False
        self._remarks.mistakes.append(Remark(self.file, self.line, column, text))

    def warn(self, column: str, text: str) -> None:
        """Once per file and text."""
        known = any((one.file, one.text) == (self.file, text) for one in self._remarks.warnings)
        if not known:
            self._remarks.warnings.append(Remark(self.file, self.line, column, text))


def lines(
    path: Path, label: str, columns: tuple[str, ...], needed: tuple[str, ...], remarks: Remarks
) -> Iterator[Cells]:
    """The lines that can be used at all. `needed` columns must be in the header, others than `columns` must not.

    `label` is what remarks call the file. Raises SourceError where the file as a whole cannot be read.
    """
    if format_of(path) != "csv":
        raise SourceError(f"{path}: reference data is CSV; save it as .csv")
    delimiter, empty = delimiter_of(path), True
    for line, row in read_rows(path, delimiter=delimiter):
        if isinstance(row, BadRow):
            hint = "; save the file as CSV UTF-8" if "not utf-8" in row.reason else ""
            remarks.mistakes.append(Remark(label, line, "", f"{row.reason}{hint}"))
        elif any(row.values()):
            named = {slug(name): str(cell) for name, cell in row.items()}
            if empty and (wrong := list(_of_header(label, list(map(slug, row)), columns, needed))):
                remarks.mistakes += wrong
                return
            yield Cells(label, line, _DECIMAL_MARKS.get(delimiter, ""), named, remarks)
        else:
            continue
        empty = False
    if empty:
        remarks.mistakes.append(Remark(label, 0, "", "has no rows; what is loaded already stays as it is"))


def near(word: str, known: list[str]) -> list[str]:
    """Which of the known words may be meant: alike, or one within the other."""
    alike = get_close_matches(word, known, 3, 0.7)
    return alike or sorted(one for one in known if one and (one in word or word in one))[:3]


def _of_header(file: str, names: list[str], columns: tuple[str, ...], needed: tuple[str, ...]) -> Iterator[Remark]:
    for name in dict.fromkeys(names):
        if name not in columns:
            meant = " or ".join(near(name, [one for one in columns if one not in names]) or columns)
            yield Remark(file, 1, name, f"there is no such column; write {meant}, or leave it out")
        elif names.count(name) > 1:
            yield Remark(file, 1, name, "stands here twice; leave one out")
    for name in needed:
        if name not in names:
            yield Remark(file, 1, name, f"this column is missing; the columns are {', '.join(columns)}")
