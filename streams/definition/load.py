"""Reading a definition file: one mistake is one line that says where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from pydantic import ValidationError

from streams.definition.mistake import Misplaced
from streams.definition.model import Definition

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

DEFAULT_PATH = Path(__file__).parent.parent / "definition.yaml"


Location = tuple[str | int, ...]  # of a part of the file: ("stages", 2, "enter")


class DefinitionError(Exception):
    """The definition file is wrong; the message is one line: file, line, path in it, and what is the matter.

    `mistakes`: all of them, as lines of their own.
    """

    def __init__(self, file: Path, line: int, path: str, message: str, others: Sequence[DefinitionError] = ()) -> None:
        said = at_line(file, line, path, message)
        super().__init__(said + (f" (and {len(others)} more)" if others else ""))
        self.file, self.line, self.path = file, line, path
        self.mistakes = [said, *map(str, others)]


class DefinitionFile(NamedTuple):
    """`content`: as written, without what goes without saying."""

    file: Path
    content: dict[str, Any]
    definition: Definition
    tree: Any

    def said_of(self, location: Location, message: str) -> str:
        """One line that points into the file."""
        return at_line(self.file, _line(self.tree, location), shown(location), message)


def at_line(file: Path, line: int, path: str, message: str) -> str:
    return f"{file}:{line}: " + (f"{path}: " if path else "") + " ".join(message.split())


def load_definition(path: Path | None = None) -> Definition:
    """The definition in `path`, or the default one; raises DefinitionError."""
    return read_definition(path).definition


def parse_definition(text: str, file: Path) -> Definition:
    """As load_definition, from text; `file` is what an error names."""
    return parse_file(text, file).definition


def read_definition(path: Path | None = None) -> DefinitionFile:
    """As load_definition, with where everything stands."""
    file = path or DEFAULT_PATH
    try:
        return parse_file(file.read_text(encoding="utf-8"), file)
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(file, 0, "", f"cannot be read: {error}") from error


def parse_file(text: str, file: Path) -> DefinitionFile:
    """As read_definition, from text."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_doubles(tree, file)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DefinitionError(file, mark.line + 1 if mark else 0, "", error.problem or "is no YAML") from error
    except (yaml.YAMLError, ValueError) as error:
        raise DefinitionError(file, 0, "", f"is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise DefinitionError(file, 1, "", "is empty or no mapping")
    try:
        definition = Definition.model_validate(content)
    except ValidationError as error:
        raise _explained(error, tree, file) from error
    object.__setattr__(definition, "_version", content_hash(content))
    return DefinitionFile(file, content, definition, tree)


def content_hash(content: Any) -> str:
    canonical = json.dumps(content, sort_keys=True, default=str, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _explained(error: ValidationError, tree: Any, file: Path) -> DefinitionError:
    mistakes = error.errors()
    within = {details["loc"][:depth] for details in mistakes for depth in range(len(details["loc"]))}
    # a list of wrong entries is called too short as well
    first, *others = (_mistake(details, tree) for details in mistakes if details["loc"] not in within)
    return DefinitionError(file, *first, [DefinitionError(file, *other) for other in others])


def _mistake(details: ErrorDetails, tree: Any) -> tuple[int, str, str]:
    """Line, path and message."""
    cause = details.get("ctx", {}).get("error")
    location = (*details["loc"], *(cause.path if isinstance(cause, Misplaced) else ()))
    message = str(cause) if cause is not None else details["msg"]
    if details["type"] == "extra_forbidden":
        message = "there is no such entry"
    return _line(tree, location), shown(location), message


def shown(location: Location) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")


def _line(node: Any, location: Location) -> int:
    """Line of the deepest part of `location` that is in the file."""
    line = int(node.start_mark.line)
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == part]
            if not found:
                break
            line, node = int(found[0][0].start_mark.line), found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = int(node.start_mark.line)
        else:
            break
    return line + 1


def _refuse_doubles(node: Any, file: Path, path: Location = ()) -> None:
    """YAML lets the last of two equal keys win in silence; here it is a mistake."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            here = (*path, str(key.value))
            if key.value in seen:
                raise DefinitionError(file, key.start_mark.line + 1, shown(here), "stands here twice")
            seen.add(key.value)
            _refuse_doubles(value, file, here)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            _refuse_doubles(value, file, (*path, place))
