"""The ClickHouse engine inside this process (chDB): one data folder, a fresh handle per statement.

A handle costs about a millisecond and has settings, database and read-only mode of its own, so statements run side by
side and nothing leaks from one to the next.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

os.environ["TZ"] = "UTC"  # the engine's time zone is that of the process at the time of loading
time.tzset()
import chdb  # noqa: E402

CODE = re.compile(r"Code: (\d+)\. ")
SETTING = re.compile(r"\A[A-Za-z_][A-Za-z0-9_]*\Z")
ACCESS_DENIED = 497
READONLY = 164


class EngineError(Exception):
    """A statement failed; `code` is ClickHouse's number of the error."""

    def __init__(self, message: str, code: int = 1002) -> None:
        super().__init__(message)
        self.code = code


def as_engine_error(error: Exception) -> EngineError:
    text = str(error)
    start = text.find("Code: ")
    text = text[start:] if start > 0 else text
    found = CODE.match(text)
    return EngineError(text if found else f"Code: 1002. DB::Exception: {text}", int(found[1]) if found else 1002)


@dataclass(frozen=True, slots=True)
class Statement:
    """`sql` without INSERT data; `data` are the bytes of INSERT … FORMAT `format`."""

    sql: str
    format: str = "TabSeparated"
    data: bytes | None = None
    database: str = "default"
    parameters: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    readonly: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    read_rows: int
    written_rows: int
    elapsed_s: float


class Engine:
    """Thread-safe. Raises EngineError."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            # as long as one handle is open the engine stays
            self._keeper: Any = chdb.connect(path)  # type: ignore[no-untyped-call]
        except Exception as error:
            raise as_engine_error(error) from error

    def run(self, statement: Statement) -> Answer:
        try:
            handle = chdb.connect(self._path)  # type: ignore[no-untyped-call]
            try:
                self._prepare(handle, statement)
                if statement.data is not None:
                    return self._insert(handle, statement)
                result = handle.query(statement.sql, statement.format, params=dict(statement.parameters) or None)
                return Answer(result.bytes() or b"", result.rows_read(), result.rows_written(), result.elapsed())
            finally:
                handle.close()
        except EngineError:
            raise
        except Exception as error:
            raise as_engine_error(error) from error

    @staticmethod
    def _prepare(handle: Any, statement: Statement) -> None:
        if statement.database != "default":
            handle.query(f"USE {quote_name(statement.database)}")
        pairs = dict(statement.settings) | ({"readonly": "1"} if statement.readonly else {})
        if pairs:
            handle.query("SET " + ", ".join(f"{_setting(name)} = {quote(value)}" for name, value in pairs.items()))

    @staticmethod
    def _insert(handle: Any, statement: Statement) -> Answer:
        if statement.readonly:
            raise EngineError("Code: 164. DB::Exception: Cannot execute query in readonly mode. (READONLY)", READONLY)
        stream = handle.send_insert(statement.sql, statement.format)
        try:
            if statement.data:
                stream.append(statement.data)
            done = stream.finish()
        finally:
            stream.close()
        return Answer(b"", 0, done.rows_written, done.elapsed)


def quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quote_name(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _setting(name: str) -> str:
    if not SETTING.match(name):
        raise EngineError(f"Code: 115. DB::Exception: Unknown setting {name!r}. (UNKNOWN_SETTING)", 115)
    return name
