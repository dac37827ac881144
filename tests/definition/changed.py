"""The default definition with something else in it."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from streams.definition.load import DEFAULT_PATH, DefinitionFile, parse_file

TEXT = DEFAULT_PATH.read_text(encoding="utf-8")
FILE = Path("lead.yaml")
_CONTENT: dict[str, Any] = yaml.safe_load(TEXT)
SIGNED = (
    "  marketing: null\n  sales: null\n",
    "  marketing: {by: Ada, date: 2026-01-31}\n  sales: {by: Bo, date: 2026-02-01}\n",
)


def text(*replacements: tuple[str, str]) -> str:
    """With each old text, which stands there once, replaced by the new one."""
    found = TEXT
    for old, new in replacements:
        assert found.count(old) == 1, old
        found = found.replace(old, new)
    return found


def changed(*replacements: tuple[str, str]) -> DefinitionFile:
    return parse_file(text(*replacements), FILE)


def line(of: str, within: str) -> int:
    assert within.count(of) == 1, of
    return within[: within.index(of)].count("\n") + 1


def content() -> dict[str, Any]:
    """A copy of the default file's content, to be changed."""
    return deepcopy(_CONTENT)
