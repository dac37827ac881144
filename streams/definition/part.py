"""What every part of the definition has in common."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

_NAMES_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}

Names = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    WithJsonSchema(_NAMES_SCHEMA),
]


class Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, ignored_types=(cached_property,), use_attribute_docstrings=True
    )
