"""The boards' way to ask: read only, values as Python objects, errors in one line."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clickhouse_connect.driver.exceptions import ClickHouseError

from sinks.client import Address, Client, SinkError, connect, one_line

TIME_LIMIT_S = 30
# What the client appends to a statement, and what the embedded engine's check wraps it in.
WRAPPING = re.compile(r":? In scope SELECT formatQuerySingleLine\(.*(?=\. \([A-Z_]+\))|[ ;]*\bFORMAT (AS )?Native\b")
CUT_SHORT = re.compile(r"identifier `FORMAT`|\): Native\.")
EXPECTED = re.compile(r"\. Expected one of: .*(?=\. \([A-Z_]+\))")
NAMES_AND_TYPES = "JSONCompactEachRowWithNamesAndTypes"


class QueryError(SinkError):
    """A question could not be answered; one line for the person who asked it."""


@dataclass(frozen=True, slots=True)
class Result:
    """`types` are ClickHouse's names of types. Times are aware datetimes in UTC."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


class BoardsReader:
    """Asks as the user in `address`, who should see database `boards` only. Thread-safe; connects when first asked."""

    def __init__(self, address: Address | str) -> None:
        self._address = address
        self._client: Client | None = None
        self._settings: dict[str, Any] = {}
        self._connecting = threading.Lock()

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Result:
        """`parameters` fill `{name:Type}`; datetimes may be given as they are. Raises QueryError."""
        bound = {name: _plain(value) for name, value in (parameters or {}).items() if f"{{{name}:" in sql}
        try:
            client = self._connected()
            answer = client.query(sql, parameters=bound or None, settings=self._settings)
            if not answer.column_names:  # Native says nothing about an empty result, not even its columns
                return self._empty(client, sql, bound)
        except SinkError as error:
            raise QueryError(str(error), retryable=error.retryable) from error
        except ClickHouseError as error:
            raise QueryError(_told(error), retryable=getattr(error, "code", None) is None) from error
        return Result(
            columns=tuple(answer.column_names),
            types=tuple(kind.name for kind in answer.column_types),
            rows=[tuple(row) for row in answer.result_rows],
        )

    def _empty(self, client: Client, sql: str, bound: dict[str, Any]) -> Result:
        text = client.raw_query(sql, parameters=bound or None, settings=self._settings, fmt=NAMES_AND_TYPES).decode()
        names, types, *_ = (tuple(json.loads(line)) for line in text.splitlines())
        return Result(names, types, [])

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _connected(self) -> Client:
        with self._connecting:
            if self._client is None:
                client = connect(self._address)
                client.database = "boards"
                if client.server_settings["readonly"].value == "0":  # a user who may write still only reads here
                    self._settings = {"readonly": "1", "max_execution_time": str(TIME_LIMIT_S)}
                self._client = client
            return self._client


def _told(error: ClickHouseError) -> str:
    text = one_line(error)
    if CUT_SHORT.search(text):
        return "Syntax error: the statement ends too early. (SYNTAX_ERROR)"
    text = WRAPPING.sub("", text)
    return EXPECTED.sub("", text) if "Syntax error" in text else text


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000")  # as DateTime has it
    return value
