"""`funnelwatch definition check`: mistakes, doubts, and what becomes of the samples."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from rich.table import Table

from deploy.cli.answers import console
from streams.definition.doubts import doubts
from streams.definition.load import DefinitionError, DefinitionFile, read_definition
from streams.journey.samples import outcomes


def check(path: Path, strict: bool) -> int:
    """The exit code: 1 if the file has mistakes, or doubts where `strict`."""
    try:
        file = read_definition(path)
    except DefinitionError as error:
        print("\n".join(error.mistakes), file=sys.stderr)
        return 1
    found = list(doubts(file.definition))
    console().print(_samples(file))
    for doubt in found:
        print(file.said_of(doubt.location, f"warning: {doubt.message}"))
    what = f"{len(found)} warning{'' if len(found) == 1 else 's'}" if found else "no warnings"
    print(f"{file.file}: version {file.definition.version}, no mistakes, {what}")
    return 1 if strict and found else 0


def _samples(file: DefinitionFile) -> Table:
    table = Table("sample lead", "its way", "origin", "owed", "met", "leaking, lost or late after 30 days")
    for one in outcomes(file.definition):
        wrong = [(state, kind) for state in ("leaking", "lost", "recovered") for kind in one.owed.get(state, ())]
        words = {"leaking": "", "lost": " (lost)", "recovered": " (late)"}
        counts = Counter(f"{kind}{words[state]}" for state, kind in wrong)
        leaks = ", ".join(name if number == 1 else f"{name} x{number}" for name, number in counts.items())
        owed, met = sum(map(len, one.owed.values())), len(one.owed.get("met", ()))
        table.add_row(one.sample.name, " > ".join(one.way) or "none", one.origin, str(owed), str(met), leaks)
    return table
