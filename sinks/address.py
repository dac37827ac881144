"""Where a ClickHouse is, and how it is spoken to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Address:
    """url: http(s)://user:password@host:port. The rest are paths of PEM files, for https.

    ca: whom to trust instead of the system's authorities. cert and key are ours; they stand for the password where the
    URL has none, else they only let us through.
    """

    url: str = field(repr=False)
    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def __str__(self) -> str:
        """Without the password."""
        parts = urlsplit(self.url)
        user = f"{parts.username}@" if parts.username else ""
        return f"{parts.scheme}://{user}{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def parts(self) -> SplitResult:
        return urlsplit(self.url)

    def tls(self) -> dict[str, Any]:
        """What clickhouse-connect takes."""
        if self.parts.scheme != "https":
            return {}
        mode = "strict" if unquote(self.parts.password or "") else "mutual"
        files = {"ca_cert": self.ca, "client_cert": self.cert, "client_cert_key": self.key}
        return {**files, "tls_mode": mode} if self.cert else {"ca_cert": self.ca}
