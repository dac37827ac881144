"""The Schema Registry as the codec needs it: register in order, look an id up."""

from __future__ import annotations

import re
import time

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, SchemaRegistryError

from schemas.catalog import Version, subject

COMPATIBILITY = "BACKWARD_TRANSITIVE"
_NOT_FOUND = 404
_UNKNOWN_KEPT = 10_000
ASK_AGAIN_SECONDS = 2.0  # for an id that was not known: somebody may have registered it since


class RegistryError(RuntimeError):
    """The registry cannot be reached, or refuses; the message is one line."""


class Registry:
    def __init__(self, url: str | None, auth: str | None = None, ca: str | None = None) -> None:
        self._url = url or "mock://funnelwatch"
        config: dict[str, object] = {"url": self._url}
        if auth:
            config["basic.auth.user.info"] = auth
        if ca:
            config["ssl.ca.location"] = ca
        self._client = SchemaRegistryClient.new_client(config)
        self._unknown: dict[int, float] = {}  # when an id was asked for in vain

    def register(self, version: Version) -> int:
        """The schema's id; it is looked up first, so that a worker that may only read needs no more than that."""
        schema = Schema(version.text, "AVRO")
        name = subject(version.name)
        try:
            known = self._client.lookup_schema(name, schema).schema_id
            if known is not None:
                return known
        except SchemaRegistryError as error:
            if error.http_status_code != _NOT_FOUND:
                raise self._failed(f"looking up {name}", error) from None
        except Exception as error:
            raise self._failed(f"looking up {name}", error) from None
        try:
            if not self._url.startswith("mock:"):  # which knows no compatibility
                self._client.set_compatibility(name, COMPATIBILITY)
            return self._client.register_schema(name, schema)
        except Exception as error:
            raise self._failed(f"registering {name}", error) from None

    def text(self, schema_id: int) -> str | None:
        """The schema of an id, None if the registry does not know it."""
        asked = self._unknown.get(schema_id)
        if asked is not None and time.monotonic() - asked < ASK_AGAIN_SECONDS:
            return None
        try:
            return self._client.get_schema(schema_id).schema_str
        except SchemaRegistryError as error:
            if error.http_status_code != _NOT_FOUND:
                raise self._failed(f"schema id {schema_id}", error) from None
        except Exception as error:
            raise self._failed(f"schema id {schema_id}", error) from None
        if len(self._unknown) >= _UNKNOWN_KEPT:
            self._unknown.clear()
        self._unknown[schema_id] = time.monotonic()
        return None

    def _failed(self, what: str, error: Exception) -> RegistryError:
        reason = " ".join(str(error).split()) or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in reason:
            reason = "its certificate is not trusted; is SCHEMA_REGISTRY_CA who signed it?"
        return RegistryError(f"Schema Registry {without_password(self._url)}: {what}: {reason}")


def without_password(url: str) -> str:
    return re.sub(r"//[^/]*@", "//", url)
