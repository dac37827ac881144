"""Files of one kind to what a load writes: all of their rows, or the mistakes because of which there is no load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from streams.definition import Definition
from streams.reference import KindName
from streams.reference.cells import Remark, Remarks, lines
from streams.reference.checks import mistakes_of_all
from streams.reference.kinds import KINDS, Values
from streams.reference.values import months_between
from streams.reference.words import Words

__all__ = ["Reference", "months_of", "read"]


@dataclass(frozen=True, slots=True)
class Reference:
    """`rows` are those of `facts.<kind>`, with `file` and `line`; there are none if there are mistakes."""

    kind: KindName
    files: tuple[str, ...]
    rows: tuple[Values, ...]
    mistakes: tuple[Remark, ...]
    warnings: tuple[Remark, ...]

    @property
    def months(self) -> tuple[date, ...]:
        """The first days of the months that it replaces; () if it is a whole list."""
        if not KINDS[self.kind].monthly:
            return ()
        return tuple(sorted({month for row in self.rows for month in months_of(row)}))


def months_of(row: Values) -> list[date]:
    """The first days of the months that a row of a monthly kind has days of."""
    return list(months_between(row["first_day"], row["last_day"]))


def read(kind: KindName, files: Sequence[Path], definition: Definition) -> Reference:
    """All files together are one load. Raises SourceError for a file that cannot be read at all."""
    what, words, remarks = KINDS[kind], Words(definition), Remarks()
    labels, rows = _labels(files), []
    for file, label in zip(files, labels, strict=True):
        for cells in lines(file, label, what.columns, what.needed, remarks):
            found = what.read(cells, words)
            if cells.good:
                rows.append({"file": cells.file, "line": cells.line} | found)
    remarks.mistakes += mistakes_of_all(kind, rows)
    mistakes = tuple(sorted(remarks.mistakes, key=lambda one: (labels.index(one.file), one.line)))
    return Reference(kind, labels, () if mistakes else tuple(rows), mistakes, tuple(remarks.warnings))


def _labels(files: Sequence[Path]) -> tuple[str, ...]:
    names = [file.name for file in files]
    return tuple(file.name if names.count(file.name) == 1 else str(file) for file in files)
