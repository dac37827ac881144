"""Certificates and keys from PEM files; what cannot be used is one line that names the setting."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pem:
    """The files of settings `prefix`_CA, _CERT, _KEY and _KEY_PASSWORD; without a CA the system's are trusted."""

    prefix: str
    ca: Path | None
    cert: Path | None
    key: Path | None
    password: str = ""

    def context(self) -> ssl.SSLContext:
        """For a client; certificates and host names are always checked. Raises ValueError."""
        context = self._trusting()
        if self.cert is not None and self.key is not None:
            self._show(context, self.cert, self.key)
        return context

    def _trusting(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.ca)
        except OSError as error:  # SSLError is one
            name = f"{self.prefix}_CA={self.ca}"
            raise ValueError(f"{name}: no certificates in PEM format can be read there ({_said(error)})") from None
        # as librdkafka judges: from Python 3.13 on certificates without optional extensions would be refused
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context

    def _show(self, context: ssl.SSLContext, cert: Path, key: Path) -> None:
        named_cert, named_key = f"{self.prefix}_CERT={cert}", f"{self.prefix}_KEY={key}"
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cert)
        except OSError as error:
            raise ValueError(f"{named_cert}: no certificate in PEM format ({_said(error)})") from None
        try:
            context.load_cert_chain(cert, key, password=lambda: self.password)  # without one the terminal is asked
        except OSError as error:
            if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
                raise ValueError(f"{named_key}: not the key of {named_cert}") from None
            locked = "ENCRYPTED" in key.read_text(errors="replace")
            hint = f"is {self.prefix}_KEY_PASSWORD right?" if locked else "is it a private key in PEM format?"
            raise ValueError(f"{named_key}: cannot be read; {hint}") from None


def _said(error: OSError) -> str:
    return str(getattr(error, "reason", None) or error.strerror or error)
