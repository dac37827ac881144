"""The lead definition: what marketing and sales agree on, read from a file."""

from streams.definition.load import DefinitionError, load_definition, parse_definition
from streams.definition.model import Definition

__all__ = ["Definition", "DefinitionError", "load_definition", "parse_definition"]
