"""What the user `boards` may ask: one SELECT over the views of database `boards`, nothing else.

chDB knows no users and no grants, so the statement itself is judged. It is first written anew by ClickHouse's own
parser (comments, here-documents and odd quoting are gone then), that text is judged, and that text is run. The handle
is read-only as well. A real server has grants instead (sinks/access.py).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from deploy.local.clickhouse_engine import ACCESS_DENIED, Engine, EngineError, Statement, quote

DATABASE = "boards"
HARMLESS = {"system": {"settings", "one", "numbers"}}  # clients read the first one when they connect
ROW_SOURCES = {"numbers", "numbers_mt", "zeros", "generateseries", "generate_series", "values"}
READERS = re.compile(  # functions that read tables, files or dictionaries, call something, or only burn time
    r"^(file|dict\w*|joinget\w*|hascolumnintable|catboost\w*|model\w*|(not|global|globalnot)?(null)?in(ignoreset)?"
    r"|(not|global|globalnot)nullin\w*|sleep\w*|merge|remote\w*|url|s3\w*|executable|ai\w*|llm\w*|prompt\w*|embed\w*"
    r"|getserversetting|filesystem\w*|generateserialid|zookeeper\w*|addressto\w*|showcertificate)$"
)
# Nothing of these can name another table, read a file, or make the server work much harder than the statement says.
SETTINGS = re.compile(
    r"^(max_execution_time|max_result_rows|max_result_bytes|max_rows_to_read|max_bytes_to_read|result_overflow_mode"
    r"|max_block_size|max_threads|extremes|join_use_nulls|session_timezone|date_time_output_format"
    r"|output_format_(json|native|tsv|csv|pretty)\w*)$"
)
# Sqlglot stumbles over these. Inside a quoted name they can only make a name that does not exist.
UNREADABLE = re.compile(r" WITH TOTALS\b| FORMAT \w+\Z")
LIMITS = {"max_execution_time": "30", "max_memory_usage": "2000000000"}
logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what it cannot parse; that is refused
STATEMENTS = (exp.Select, exp.SetOperation, exp.Subquery)


def denied(why: str) -> EngineError:
    return EngineError(
        f"Code: {ACCESS_DENIED}. DB::Exception: boards: Not enough privileges: {why}. (ACCESS_DENIED)", ACCESS_DENIED
    )


class Guard:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._views: frozenset[str] = frozenset()
        self._canonical = lru_cache(maxsize=512)(self._judge)

    def canonical(self, sql: str) -> str:
        """The statement to run in place of `sql`. Raises EngineError if `sql` is wrong or asks for too much."""
        return self._canonical(sql)

    @staticmethod
    def settings(wanted: dict[str, str]) -> dict[str, str]:
        for name in wanted:
            if name != "readonly" and not SETTINGS.match(name):
                raise denied(f"setting {name} is not open to this user")
        own = LIMITS | {name: value for name, value in wanted.items() if name != "readonly"}
        if not _shorter(own["max_execution_time"]):
            own["max_execution_time"] = LIMITS["max_execution_time"]
        return own

    def _judge(self, sql: str) -> str:
        text = self._engine.run(Statement(f"SELECT formatQuerySingleLine({quote(sql)})", "RawBLOB")).body.decode()
        try:
            statements = sqlglot.parse(UNREADABLE.sub("", text), read="clickhouse")
        except (SqlglotError, RecursionError):
            raise denied("the statement is not a plain SELECT") from None
        if len(statements) != 1 or not isinstance(statements[0], STATEMENTS):
            raise denied("only one SELECT at a time")
        for why in self._objections(statements[0]):
            raise denied(why)
        return text

    def _objections(self, statement: exp.Expression) -> Iterator[str]:
        for node in statement.walk():
            match node:
                case exp.Table():
                    yield from self._table(node)
                case exp.Command() | exp.Into() | exp.DDL() if not isinstance(node, exp.Query):
                    yield "only SELECT"
                case exp.Placeholder() | exp.Parameter() if _kind(node) == "identifier":
                    yield "names cannot be parameters"
                case exp.Column() if node.table.lower() in ("facts", "system", "information_schema", "default"):
                    yield f"{node.sql()} is not in database {DATABASE}"
                case exp.In():
                    yield from self._in(node)
                case exp.Func() if READERS.match(_name(node)):
                    yield f"function {_name(node)}"
            if isinstance(node, exp.Select) and node.args.get("settings"):
                yield "SETTINGS"

    def _table(self, table: exp.Table) -> Iterator[str]:
        source, database = table.this, table.db
        if table.alias_column_names:
            yield f"cannot judge {table.sql()}"  # a table function with a keyword for a name looks like this
        elif table.catalog:
            yield f"{table.sql()} is not in database {DATABASE}"
        elif isinstance(source, exp.Identifier):
            if database not in ("", DATABASE) and source.name not in HARMLESS.get(database, ()):
                yield f"{database}.{source.name} is not in database {DATABASE}"
        elif isinstance(source, exp.Func):
            name = source.name if isinstance(source, exp.Anonymous) else _name(source)
            is_view = database in ("", DATABASE) and self._is_view(name.removeprefix(f"{DATABASE}."))
            if not is_view and (database or name.lower() not in ROW_SOURCES):
                yield f"table function {name}"
        else:
            yield f"cannot judge {table.sql()}"

    @staticmethod
    def _in(node: exp.In) -> Iterator[str]:
        """ClickHouse takes a bare name at the right of IN for a table."""
        for right in (node.args.get("field"), *node.expressions):
            if isinstance(right, exp.Dot) or (isinstance(right, exp.Column) and right.table not in ("", DATABASE)):
                yield f"{right.sql()} is not in database {DATABASE}"

    def _is_view(self, name: str) -> bool:
        if name not in self._views:
            listing = Statement(f"SELECT name FROM system.tables WHERE database = '{DATABASE}'")
            self._views = frozenset(self._engine.run(listing).body.decode().split())
        return name in self._views


def _shorter(seconds: str) -> bool:
    try:
        return 0 < float(seconds) <= float(LIMITS["max_execution_time"])  # 0 would be no limit
    except ValueError:
        return False


def _name(function: exp.Func) -> str:
    if isinstance(function, exp.Anonymous | exp.AnonymousAggFunc):
        return str(function.name).lower()
    return function.sql_name().lower()


def _kind(node: exp.Expression) -> str:
    kind = node.args.get("kind")
    return str(kind.this if isinstance(kind, exp.Expression) else kind).rpartition(".")[2].lower()
