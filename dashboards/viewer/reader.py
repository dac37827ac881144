"""What the viewer asks of whatever reads the database `boards`, and how its answers are held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from dashboards.macros import BadValue, Scope, expand
from dashboards.queries import query

Row = dict[str, Any]


class Result(Protocol):
    @property
    def columns(self) -> Sequence[str]: ...

    @property
    def rows(self) -> Sequence[Sequence[Any]]: ...


class Reader(Protocol):
    """Runs one SELECT over the views of `boards`; may be called from several threads. Any exception is a failure."""

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Result: ...


class QueryFailed(Exception):
    """A query gave no answer; the message is one line for people."""


def ask(reader: Reader, sql: str, scope: Scope) -> list[Row]:
    """The answer to `sql`, whose macros are still in it, as rows by column. Raises QueryFailed and BadValue."""
    text = expand(sql, scope)
    try:
        result = reader.query(text)
        columns = list(result.columns)
        return [dict(zip(columns, row, strict=True)) for row in result.rows]
    except Exception as error:
        raise QueryFailed(one_line(error)) from error


def ask_named(reader: Reader, name: str, scope: Scope) -> list[Row]:
    return ask(reader, query(name), scope)


def one_line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 240 else text[:239] + "…"


__all__ = ["BadValue", "QueryFailed", "Reader", "Result", "Row", "ask", "ask_named", "one_line"]
