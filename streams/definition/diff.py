"""What changed from one definition file to another, as written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

_OTHERWISE = re.compile(r"[+-]?[\d.]*(e\d+)?|true|false|null|\s.*|.*\s|.*\n.*", re.DOTALL | re.IGNORECASE)
NOTHING = object()  # in the place of a value that one of the two does not have


class Change(NamedTuple):
    """`path`: where it stands; of things in a list by name where they all have one, else by number."""

    path: str
    old: Any
    new: Any

    def __str__(self) -> str:
        if self.old is NOTHING:
            return f"+ {self.path}: {_shown(self.new)}"
        if self.new is NOTHING:
            return f"- {self.path}: {_shown(self.old)}"
        return f"  {self.path}: {_shown(self.old)} -> {_shown(self.new)}"


def changes(old: Any, new: Any) -> list[Change]:
    """None if and only if the two have one content hash; in the order of the new file, what is gone where it was."""
    return list(_changes(_plain(old), _plain(new), ""))


def _changes(old: Any, new: Any, path: str) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in _merged(list(old), list(new)):
            yield from _changes(old.get(name, NOTHING), new.get(name, NOTHING), f"{path}.{name}" if path else name)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(old, new, path)
    elif old is NOTHING or new is NOTHING or _key(old) != _key(new):
        yield Change(path, old, new)


def _of_lists(old: list[Any], new: list[Any], path: str) -> Iterator[Change]:
    before, after = _named(old), _named(new)
    if before and after:
        yield from _moved(list(before), list(after), path)
        for name in _merged(list(before), list(after)):
            yield from _changes(before.get(name, NOTHING), after.get(name, NOTHING), f"{path}[{name}]")
        return
    if not all(isinstance(one, dict | list) for one in (*old, *new)):
        if _key(old) != _key(new):  # a few words: to see them whole says more
            yield Change(path, old, new)
        return
    for what, a, b, c, d in SequenceMatcher(None, [*map(_key, old)], [*map(_key, new)], autojunk=False).get_opcodes():
        if what == "equal":
            continue
        for place in range(max(b - a, d - c)):
            was = old[a + place] if a + place < b else NOTHING
            now = new[c + place] if c + place < d else NOTHING
            number = c + place if now is not NOTHING else a + place
            yield from _changes(was, now, f"{path}[{number}]")


def _moved(before: list[str], after: list[str], path: str) -> Iterator[Change]:
    old, new = [one for one in before if one in after], [one for one in after if one in before]
    if old != new:
        yield Change(f"{path} (order)", old, new)


def _named(items: list[Any]) -> dict[str, Any] | None:
    """By name, if each has one of its own."""
    named = {item["name"]: item for item in items if isinstance(item, dict) and isinstance(item.get("name"), str)}
    return named if len(named) == len(items) else None


def _merged(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """All names: those of `new` in its order, each of `old` alone after the one that it followed."""
    gone: dict[str | None, list[str]] = {}
    after = None
    for name in old:
        if name in new:
            after = name
        else:
            gone.setdefault(after, []).append(name)
    yield from gone.get(None, ())
    for name in new:
        yield name
        yield from gone.get(name, ())


def _plain(content: Any) -> Any:
    """As the content hash sees it: a date is its text."""
    return json.loads(json.dumps(content, default=str))


def _key(value: Any) -> str:
    """Equal for what has one content hash: 1 is neither 1.0 nor true, and the order of names is nothing."""
    return json.dumps(value, sort_keys=True)


def _shown(value: Any) -> str:
    """As YAML has it in one line; quoted only where it would be read as something else."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_inside(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inside, value)) + "]"
    if isinstance(value, str) and not _OTHERWISE.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _inside(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) and "," in value else _shown(value)
