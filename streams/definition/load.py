"""Reading a definition file: one mistake is one line that says where."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from streams.definition.mistake import Misplaced
from streams.definition.model import Definition

DEFAULT_PATH = Path(__file__).parent.parent / "definition.yaml"


class DefinitionError(Exception):
    """The definition file is wrong; the message is one line: file, line, path in it, and what is the matter."""

    def __init__(self, file: Path, line: int, path: str, message: str) -> None:
        super().__init__(f"{file}:{line}: " + (f"{path}: " if path else "") + " ".join(message.split()))
        self.file, self.line, self.path = file, line, path


def load_definition(path: Path | None = None) -> Definition:
    """The definition in `path`, or the default one; raises DefinitionError."""
    file = path or DEFAULT_PATH
    try:
        return parse_definition(file.read_text(encoding="utf-8"), file)
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(file, 0, "", f"cannot be read: {error}") from error


def parse_definition(text: str, file: Path) -> Definition:
    """As load_definition, from text; `file` is what an error names."""
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
    return definition


def content_hash(content: Any) -> str:
    canonical = json.dumps(content, sort_keys=True, default=str, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _explained(error: ValidationError, tree: Any, file: Path) -> DefinitionError:
    mistakes = error.errors()
    first = mistakes[0]
    cause = first.get("ctx", {}).get("error")
    location = (*first["loc"], *(cause.path if isinstance(cause, Misplaced) else ()))
    message = str(cause) if cause is not None else first["msg"]
    if first["type"] == "extra_forbidden":
        message = "there is no such entry"
    if len(mistakes) > 1:
        message += f" (and {len(mistakes) - 1} more)"
    return DefinitionError(file, _line(tree, location), _shown(location), message)


def _shown(location: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")


def _line(node: Any, location: tuple[str | int, ...]) -> int:
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


def _refuse_doubles(node: Any, file: Path, path: tuple[str | int, ...] = ()) -> None:
    """YAML lets the last of two equal keys win in silence; here it is a mistake."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            here = (*path, str(key.value))
            if key.value in seen:
                raise DefinitionError(file, key.start_mark.line + 1, _shown(here), "stands here twice")
            seen.add(key.value)
            _refuse_doubles(value, file, here)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            _refuse_doubles(value, file, (*path, place))
