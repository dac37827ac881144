"""YAML that remembers its lines, so that a mistake can be pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml


class DuplicateKey(Exception):
    """A mapping says the same key twice, which YAML would settle silently."""

    def __init__(self, key: str, line: int) -> None:
        super().__init__(key)
        self.key = key
        self.line = line


def load_yaml(text: str) -> tuple[yaml.Node | None, Any]:
    """The node tree and the plain value. Raises yaml.YAMLError, DuplicateKey."""
    tree = yaml.compose(text, Loader=yaml.SafeLoader)
    _check_keys(tree)
    return tree, yaml.safe_load(text)


def line_of(tree: yaml.Node | None, location: Sequence[int | str]) -> tuple[int, str]:
    """Line (from 1) and readable path ('inputs[0].files') of the deepest part of `location` that the text has.

    Parts without a node of their own, as validators add them, are left out of the path.
    """
    node, line, path = tree, 1, ""
    for part in location:
        if isinstance(node, yaml.MappingNode):
            key, value = next(((key, value) for key, value in node.value if key.value == str(part)), (None, None))
            if key is None:
                continue
            line = key.start_mark.line + 1
            path += f".{part}" if path else str(part)
            node = value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
            path += f"[{part}]"
    missing = str(location[-1]) if location and isinstance(location[-1], str) else ""
    if missing and isinstance(node, yaml.MappingNode) and not path.endswith(missing):
        path += f".{missing}" if path else missing
    return line, path


def _check_keys(node: yaml.Node | None) -> None:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                raise DuplicateKey(key.value, key.start_mark.line + 1)
            seen.add(key.value)
            _check_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check_keys(item)
