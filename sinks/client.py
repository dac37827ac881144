"""Connections to ClickHouse, and the one error that everything in `sinks` raises."""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import unquote

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from sinks.address import Address

__all__ = ["Address", "Client", "SinkError", "connect", "one_line"]

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
NOISE = re.compile(r"\s*\(version [^()]*(\([^()]*\))?\)|\s*\(for url [^)]*\)|^.*?server response: ")

UNREACHED = {  # what the HTTP library wraps in its own words
    "Connection refused": "connection refused",
    "timed out": "timed out",
    "Failed to resolve": "no such host",
    "Hostname mismatch": "its certificate is for another host; CLICKHOUSE_URL must name it as that does",
    "IP address mismatch": "its certificate is for another address; CLICKHOUSE_URL must name it as that does",
    "CERTIFICATE_VERIFY_FAILED": "its certificate is not trusted; is CLICKHOUSE_CA who signed it?",
    "WRONG_VERSION_NUMBER": "it speaks no TLS; CLICKHOUSE_URL begins with https://",
}
HUNG_UP = re.compile("RemoteDisconnected|SSLEOFError|CERTIFICATE_REQUIRED|Connection reset by peer")
# The libraries log each failed request, with what was in it, before they raise.
for library in ("clickhouse_connect", "urllib3"):
    logging.getLogger(library).addHandler(logging.NullHandler())
    logging.getLogger(library).propagate = False


class SinkError(Exception):
    """ClickHouse refused or was not reached. `retryable`: the same call may succeed later."""

    def __init__(self, message: str, *, table: str = "", retryable: bool = False) -> None:
        super().__init__(f"{table}: {message}" if table else message)
        self.table = table
        self.retryable = retryable


def one_line(error: BaseException) -> str:
    """The message of a ClickHouse error without addresses, version and line breaks."""
    if "ConnectionPool(" in str(error):
        for sign, meaning in UNREACHED.items():
            if sign in str(error):
                return meaning
    return " ".join(NOISE.sub("", " ".join(str(error).split())).split()) or type(error).__name__


def connect(to: Address | str, *, settings: dict[str, Any] | None = None, timeout: float = 60.0) -> Client:
    """A client for an address or its URL; it may be used by several threads. Raises SinkError."""
    address = Address(to) if isinstance(to, str) else to
    try:
        parts = address.parts
        host, port = parts.hostname, parts.port
    except ValueError:  # whose text may hold a part of the password
        raise SinkError("not a ClickHouse URL, expected http://user:password@host:port") from None
    if parts.scheme not in ("http", "https") or not host:
        raise SinkError("not a ClickHouse URL, expected http://user:password@host:port")
    try:
        return clickhouse_connect.get_client(
            interface=parts.scheme,
            host=host,
            port=port or (8443 if parts.scheme == "https" else 8123),
            username=unquote(parts.username or "default"),
            password=unquote(parts.password or ""),
            database=parts.path.strip("/") or None,
            settings=settings,
            compress=host not in LOOPBACK,
            connect_timeout=10,
            send_receive_timeout=timeout,
            autogenerate_session_id=False,  # a session would allow one query at a time
            tz_mode="aware",
            client_name="funnelwatch",
            **address.tls(),
        )
    except ClickHouseError as error:
        said = _hung_up(address) if HUNG_UP.search(str(error)) else one_line(error)
        raise SinkError(f"no ClickHouse at {host}:{port}: {said}", retryable=True) from error


def _hung_up(address: Address) -> str:
    if address.parts.scheme == "http":
        return "it closes the connection; does it speak TLS, so https:// in CLICKHOUSE_URL?"
    return "it closes the connection" + ("" if address.cert else "; does it want our certificate, CLICKHOUSE_CERT?")
