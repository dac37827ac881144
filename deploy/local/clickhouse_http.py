"""ClickHouse's HTTP interface as values: a request becomes a Query, an engine's answer becomes headers and bytes."""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from secrets import compare_digest

import lz4.frame  # type: ignore[import-untyped]
from backports import zstd

from deploy.local.clickhouse_engine import EngineError

# Parameters that the HTTP interface itself understands, and settings that mean nothing without a network in between.
NOT_SETTINGS = frozenset(
    {
        *("query", "database", "default_format", "user", "password", "query_id", "quota_key", "role"),
        *("session_id", "session_timeout", "session_check", "wait_end_of_query", "buffer_size"),
        *(
            "client_protocol_version",
            "enable_http_compression",
            "http_zlib_compression_level",
            "compress",
            "decompress",
        ),
        *("send_progress_in_http_headers", "http_headers_progress_interval_ms", "add_http_cors_header", "stacktrace"),
        *("cancel_http_readonly_queries_on_client_close", "http_write_exception_in_output_format", "log_queries"),
    }
)
INSERT = re.compile(
    rb"\A\s*(INSERT\s+INTO\s+(?:TABLE\s+)?[\w.`\"\s]+?(?:\([^)]*\)\s*)?(?:SETTINGS\s[^;]*?\s)?)"
    rb"FORMAT\s+(\w+)[ \t\r;]*(?:\n|\Z)",
    re.IGNORECASE,
)
FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*(?:SETTINGS\s[^;]*)?;?\s*\Z", re.IGNORECASE)
ANSWERS = re.compile(r"\A[\s(]*(SELECT|WITH|FROM|SHOW|DESC|DESCRIBE|EXPLAIN|EXISTS|CHECK)\b", re.IGNORECASE)
GREETING = re.compile(
    r"\A\s*SELECT\s+displayName\(\)\s*,\s*version\(\)\s*,\s*revision\(\)\s*,\s*timezone\(\)\s*;?\s*\Z", re.IGNORECASE
)
COMMENTS = re.compile(r"\A(\s*(--[^\n]*(\n|\Z)|/\*.*?\*/))+", re.DOTALL)

STATUS = {  # as src/Server/HTTP/exceptionCodeToHTTPStatus.cpp
    **dict.fromkeys((194,), 401),
    **dict.fromkeys((192, 193, 497, 516), 403),
    **dict.fromkeys((46, 47, 50, 60, 81, 115), 404),
    **dict.fromkeys((6, 26, 27, 36, 38, 41, 42, 43, 53, 62, 69, 70, 72, 117, 130, 131, 386, 427, 456, 457), 400),
    **dict.fromkeys((1, 48, 49, 78), 501),
    **dict.fromkeys((159, 160), 408),
    **dict.fromkeys((202, 241), 503),
}


class BadRequest(EngineError):
    """The HTTP request itself is wrong."""

    def __init__(self, message: str, code: int = 36) -> None:
        super().__init__(f"Code: {code}. DB::Exception: {message}. (BAD_ARGUMENTS)", code)


@dataclass(frozen=True, slots=True)
class Query:
    sql: str
    data: bytes | None  # of INSERT … FORMAT
    format: str
    database: str
    parameters: dict[str, str]
    settings: dict[str, str]

    @property
    def answers(self) -> bool:
        return ANSWERS.match(COMMENTS.sub("", self.sql)) is not None

    @property
    def answer_format(self) -> str:
        named = FORMAT.search(self.sql)
        return named[1] if named else self.format

    @property
    def is_greeting(self) -> bool:
        return self.format == "Native" and GREETING.match(self.sql) is not None


def credentials(parameters: Mapping[str, str], headers: Mapping[str, str]) -> tuple[str, str]:
    """User and password from the URL, X-ClickHouse-* headers or basic authentication; `default` without any."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise BadRequest("Invalid HTTP basic authentication", 516) from None
        return user or "default", password
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return headers.get("x-clickhouse-user", "default"), headers.get("x-clickhouse-key", "")
    return parameters.get("user", "default"), parameters.get("password", "")


def same(given: str, expected: str) -> bool:
    return compare_digest(given.encode(), expected.encode())


def parse(parameters: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Query:
    """Raises BadRequest."""
    for flag in ("compress", "decompress"):
        if parameters.get(flag, "0") not in ("0", "false"):
            raise BadRequest(f"ClickHouse's own block compression ({flag}=1) is not served here, use Content-Encoding")
    body = _decoded(body, headers.get("content-encoding", ""))
    given = dict(parameters)
    if headers.get("content-type", "").startswith("multipart/form-data"):
        given |= _form(body, headers["content-type"])
        body = b""
    whole = b"\n".join(part for part in (given.get("query", "").encode(), body) if part)
    insert = INSERT.match(whole)
    try:
        sql = (insert[1] if insert else whole).decode()
    except UnicodeDecodeError:
        raise BadRequest("the statement is not UTF-8") from None
    default_format = given.get("default_format") or headers.get("x-clickhouse-format") or "TabSeparated"
    return Query(
        sql=sql,
        data=whole[insert.end() :] if insert else None,
        format=insert[2].decode() if insert else default_format,
        database=given.get("database") or headers.get("x-clickhouse-database") or "default",
        parameters={name[6:]: value for name, value in given.items() if name.startswith("param_")},
        settings={
            name: value for name, value in given.items() if name not in NOT_SETTINGS and not name.startswith("param_")
        },
    )


def greeting(version: str, timezone: str) -> bytes:
    """What Grafana's plugin asks first, in Native with block info; revision 0 asks for plain Native from then on."""

    def column(name: str, kind: str, value: bytes) -> bytes:
        return _text(name) + _text(kind) + b"\0" + value

    return (
        b"\x01\x00\x02\xff\xff\xff\xff\x00\x04\x01"
        + column("displayName()", "String", _text("funnelwatch"))
        + column("version()", "String", _text(version))
        + column("revision()", "UInt32", b"\0\0\0\0")
        + column("timezone()", "String", _text(timezone))
    )


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _decoded(body: bytes, encoding: str) -> bytes:
    try:
        match encoding:
            case "" | "identity":
                return body
            case "gzip":
                return gzip.decompress(body)
            case "deflate":
                return zlib.decompress(body)
            case "lz4":
                return bytes(lz4.frame.decompress(body))
            case "zstd":
                return bytes(zstd.decompress(body))
    except (OSError, EOFError, RuntimeError, zlib.error, zstd.ZstdError) as error:
        raise BadRequest(f"the body is not valid {encoding}: {error}") from None
    raise BadRequest(f"Content-Encoding {encoding} is not served here")


def _form(body: bytes, content_type: str) -> dict[str, str]:
    message = message_from_bytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body)
    fields: dict[str, str] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            fields[name] = payload.decode()
    return fields
