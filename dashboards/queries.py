"""The queries, one file each in queries/, read as they will be sent but for their macros.

What several of them share stands in queries/parts/: `@segments` becomes parts/segments.sql, so that one more
variable is one more line there.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "queries"
_PART = re.compile(r"^( *)(.*?)@([a-z_]+)", re.MULTILINE)


@cache
def query(name: str) -> str:
    """The text of one query with its parts in place. Raises FileNotFoundError for a name that nobody gave."""
    return _with_parts((_FOLDER / f"{name}.sql").read_text())


def names() -> list[str]:
    return sorted(path.stem for path in _FOLDER.glob("*.sql"))


def _with_parts(sql: str) -> str:
    def part(found: re.Match[str]) -> str:
        indent, before, name = found.groups()
        text = (_FOLDER / "parts" / f"{name}.sql").read_text().rstrip()
        return indent + before + text.replace("\n", "\n" + indent)

    while _PART.search(sql):
        sql = _PART.sub(part, sql)
    return sql
