"""`funnelwatch load --as`: files of reference data into ClickHouse, all of them or nothing."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path

from deploy.cli.errors import Failure
from deploy.settings import Settings
from sinks.client import connect
from sinks.reference import Standing, standing, write
from streams.definition.load import load_definition
from streams.reference import KindName
from streams.reference.cells import Remark
from streams.reference.read import Reference, months_of, read
from streams.reference.values import months_between

SHOWN = 20


def load(settings: Settings, kind: KindName, files: Sequence[Path], by: str, dry_run: bool) -> None:
    """Prints what it replaces. Raises Failure for mistakes, of which it prints the first; SourceError, SinkError."""
    found = read(kind, files, load_definition(settings.definition))
    _tell(found.warnings, "warning: ")
    _tell(found.mistakes)
    if found.mistakes:
        many = f"{len(found.mistakes)} mistake{'s' if len(found.mistakes) > 1 else ''}"
        raise Failure(f"{many}: nothing was loaded, as reference data is loaded as a whole")
    with closing(connect(settings.clickhouse_address)) as client:
        before = standing(client, kind)
        _refuse_torn(found, before)
        print("\n".join(_outlook(found, before)))
        if dry_run:
            print("dry run: nothing was loaded")
            return
        version = write(client, kind, found.rows, found.months, by)
    print(f"{len(found.rows)} rows of {kind} stand in ClickHouse as version {version}")


def _tell(remarks: Sequence[Remark], word: str = "") -> None:
    for one in remarks[:SHOWN]:
        print(f"{word}{one}", file=sys.stderr)
    if len(remarks) > SHOWN:
        print(f"{word}and {len(remarks) - SHOWN} more", file=sys.stderr)


def _refuse_torn(found: Reference, before: Sequence[Standing]) -> None:
    """A line that reaches beyond the months of the load would be lost for the rest of its days."""
    months = set(found.months)
    torn = [line for line in before if 0 < len(months.intersection(_months(line))) < len(_months(line))]
    for line in islice(torn, SHOWN):
        missing = ", ".join(f"{month:%Y-%m}" for month in _months(line) if month not in months)
        span = f"{line.first_day} to {line.last_day}"
        print(f"{line.file}:{line.line}: is for {span}; these files have nothing for {missing}", file=sys.stderr)
    if torn:
        raise Failure(
            f"{len(torn)} lines that were loaded before reach beyond the months of these files: nothing was loaded;"
            " load all of their months together"
        )


def _outlook(found: Reference, before: Sequence[Standing]) -> Iterator[str]:
    """Of each month, or of the list: how many rows there will be, and how many there were."""
    if not found.months:
        yield f"{found.kind}: {len(found.rows)} rows in place of {len(before)}"
        return
    new = Counter(month for row in found.rows for month in months_of(row))
    old = Counter(month for line in before for month in _months(line))
    kept = {(month, row.get("channel", "")) for row in found.rows for month in months_of(row)}
    lost = sorted({(month, line.channel) for line in before for month in _months(line)} - kept)
    for month in found.months:
        gone = [channel for when, channel in lost if when == month]
        hint = f"; gone: {', '.join(gone)} (to keep that, load its file together with these)" if gone else ""
        yield f"{month:%Y-%m}: {new[month]} rows in place of {old[month]}{hint}"


def _months(line: Standing) -> list[date]:
    return list(months_between(line.first_day, line.last_day))
