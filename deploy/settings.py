"""All settings, typed: from the environment, else from a dotenv file.

A wrong one raises SettingsError, one line that names the setting, its value and what is allowed.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.pem import Pem
from deploy.values import Addresses, Duration, File, Key, Link, Topic, Url, Words, seconds
from sinks.address import Address

__all__ = ["Settings", "SettingsError", "env_name", "load", "seconds"]

PREFIX = "FUNNELWATCH_"
TEST_PREFIX = "FUNNELWATCH_TEST_"  # what only the tests read
_OTHERS = (TEST_PREFIX, "FUNNELWATCH_LOCAL_")  # no settings: the latter are between the local stack and its ClickHouse


class SettingsError(ValueError):
    """A wrong setting; the message is one line for people."""


def _named(name: str, **field: Any) -> Any:
    """A setting that is known by this name everywhere, without our prefix."""
    return Field(validation_alias=AliasChoices(name, name.lower()), **field)


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    kafka_bootstrap_servers: Addresses | None = _named(
        "KAFKA_BOOTSTRAP_SERVERS", default=None, description="the Kafka brokers, host:port[,host:port]"
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = _named(
        "KAFKA_SECURITY_PROTOCOL", default="PLAINTEXT", description="how to talk to the brokers"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = _named(
        "KAFKA_SASL_MECHANISM", default=None, description="with the SASL protocols"
    )
    kafka_sasl_username: str | None = _named("KAFKA_SASL_USERNAME", default=None, description="with SASL")
    kafka_sasl_password: SecretStr | None = _named("KAFKA_SASL_PASSWORD", default=None, description="with SASL")
    kafka_ssl_ca: File | None = _named("KAFKA_SSL_CA", default=None, description="CA bundle of the brokers, a path")
    kafka_ssl_cert: File | None = _named(
        "KAFKA_SSL_CERT", default=None, description="our certificate (with its chain) in PEM, where brokers want one"
    )
    kafka_ssl_key: File | None = _named("KAFKA_SSL_KEY", default=None, description="its private key in PEM, a path")
    kafka_ssl_key_password: SecretStr | None = _named(
        "KAFKA_SSL_KEY_PASSWORD", default=None, description="of that key, where it has one"
    )

    schema_registry_url: Url | None = _named(
        "SCHEMA_REGISTRY_URL",
        default=None,
        repr=False,
        description="without it every process has its own mock registry",
    )
    schema_registry_auth: SecretStr | None = _named(
        "SCHEMA_REGISTRY_AUTH", default=None, description="user:password of the registry"
    )
    schema_registry_ca: File | None = _named("SCHEMA_REGISTRY_CA", default=None, description="CA bundle, a path")

    clickhouse_url: Url | None = _named(
        "CLICKHOUSE_URL",
        default=None,
        repr=False,
        description="http(s)://user:password@host:port of the server that we write to",
    )
    clickhouse_ca: File | None = _named("CLICKHOUSE_CA", default=None, description="CA bundle of ClickHouse, a path")
    clickhouse_cert: File | None = _named(
        "CLICKHOUSE_CERT",
        default=None,
        description="our certificate in PEM; it stands for the password where CLICKHOUSE_URL has none",
    )
    clickhouse_key: File | None = _named("CLICKHOUSE_KEY", default=None, description="its private key in PEM, a path")
    boards_url: Url | None = Field(
        default=None,
        repr=False,
        description="the same server as a user who can read `boards` only; by default CLICKHOUSE_URL",
    )
    grafana_url: Url | None = _named("GRAFANA_URL", default=None, description="where boards are published")
    grafana_token: SecretStr | None = _named("GRAFANA_TOKEN", default=None, description="service account token")

    definition: File | None = Field(default=None, description="lead definition; by default streams/definition.yaml")
    generation: int = Field(default=1, ge=1, le=2**32 - 1, description="number of this deployment's facts")
    partitions: int = Field(default=3, ge=1, le=1000, description="of the source topics and the tables")
    transactions: bool = Field(default=True, description="off only for brokers that have none")
    idempotence: bool = Field(default=True, description="idempotent producers; off only for brokers that have none")
    email_key: Key | None = Field(
        default=None, description="secret that e-mail hashes and lead ids are made with; a new key is a new generation"
    )
    data_dir: Path = Field(default=Path(".funnelwatch"), description="state stores, logs, the embedded ClickHouse")
    topic_web: Topic = Field(default="web.events", description="source topic")
    topic_form: Topic = Field(default="form.events", description="source topic")
    topic_crm: Topic = Field(default="crm.events", description="source topic")
    topic_leaks: Topic = Field(default="funnel.leaks", description="topic of alerts, which we write")
    alert_every: Duration = Field(
        default=10.0, description="between two looks for what to say of leaks; 0: no alerts are told"
    )
    alert_within: Duration = Field(
        default=2_592_000.0, description="a leak that fell due longer ago is history, and not told any more"
    )
    alert_hold: Duration = Field(
        default=86_400.0, description="an alert is held back no longer, though data that it depends on may be missing"
    )
    crm_url: Link | None = Field(default=None, description="link template of a CRM record, with {id} in it")
    viewer_host: str = Field(default="127.0.0.1", description="address that the viewer listens on")
    viewer_port: int = Field(default=8600, ge=1, le=65535, description="its port")
    viewer_refresh: Duration = Field(default=5.0, description="between two looks of a page at the data; 0: never")
    viewer_allowed_hosts: Words = Field(
        default=(), description="further names, with commas between, under which the viewer answers"
    )
    health_host: str = Field(default="127.0.0.1", description="address that a worker's metrics and health listen on")
    health_port: int = Field(default=8610, ge=0, le=65535, description="their port; 0: any free one, see the log")
    stuck_after: Duration = Field(
        default=300.0, description="a worker with work that commits nothing for so long says on /livez that it is stuck"
    )
    session_timeout: Duration = Field(default=10.0, description="after it a silent worker loses its partitions")
    stop_grace: Duration = Field(default=15.0, description="how long a process may take to stop")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="of the worker; libraries speak from WARNING on"
    )
    log_format: Literal["text", "json"] = Field(default="text", description="of the worker's log")

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> Settings:
        if self.kafka_security_protocol.startswith("SASL"):
            for name in ("kafka_sasl_mechanism", "kafka_sasl_username", "kafka_sasl_password"):
                if getattr(self, name) is None:
                    raise ValueError(
                        f"{env_name(name)} is not set; KAFKA_SECURITY_PROTOCOL={self.kafka_security_protocol} needs it"
                    )
        return self

    @model_validator(mode="after")
    def _security_is_used(self) -> Settings:
        """Who sets one of these expects it to protect something."""
        protocol = self.kafka_security_protocol
        if not protocol.startswith("SASL"):
            self._unused("kafka_sasl_", f"KAFKA_SECURITY_PROTOCOL={protocol} does not use it; is it SASL_SSL?")
        if not protocol.endswith("SSL"):
            self._unused("kafka_ssl_", f"KAFKA_SECURITY_PROTOCOL={protocol} does not use it; is it SSL or SASL_SSL?")
        if not any(str(url).startswith("https:") for url in (self.clickhouse_url, self.boards_url)):
            for prefix in ("clickhouse_ca", "clickhouse_cert", "clickhouse_key"):
                self._unused(prefix, "CLICKHOUSE_URL does not begin with https://")
        return self

    def _unused(self, prefix: str, why: str) -> None:
        for name in type(self).model_fields:
            if name.startswith(prefix) and getattr(self, name) is not None:
                raise ValueError(f"{env_name(name)} is set, but {why}")

    @model_validator(mode="after")
    def _certificates_can_be_used(self) -> Settings:
        pairs = ("kafka_ssl_cert", "kafka_ssl_key"), ("clickhouse_cert", "clickhouse_key")
        needs = [*pairs, *((key, cert) for cert, key in pairs), ("kafka_ssl_key_password", "kafka_ssl_key")]
        for one, other in needs:
            if getattr(self, one) is not None and getattr(self, other) is None:
                raise ValueError(f"{env_name(other)} is not set; {env_name(one)} needs it")
        for pem in (self.kafka_pem, self.clickhouse_pem):
            if pem.ca or pem.cert:
                pem.context()
        return self

    @model_validator(mode="after")
    def _transactions_are_idempotent(self) -> Settings:
        if self.transactions and not self.idempotence:
            raise ValueError("FUNNELWATCH_IDEMPOTENCE=false: needs FUNNELWATCH_TRANSACTIONS=false as well")
        return self

    @model_validator(mode="after")
    def _topics_differ(self) -> Settings:
        topics = [self.topic_web, self.topic_form, self.topic_crm, self.topic_leaks]
        if len(set(topics)) < len(topics):
            names = "FUNNELWATCH_TOPIC_WEB, _FORM, _CRM and _LEAKS"
            raise ValueError(f"{names} must be four topics, not {', '.join(topics)}")
        return self

    def need(self, *names: str) -> None:
        """Raises SettingsError for the first of these fields that is not set."""
        for name in names:
            if getattr(self, name) is None:
                raise SettingsError(f"{env_name(name)} is not set: {type(self).model_fields[name].description}")

    @property
    def clickhouse_address(self) -> Address:
        """The server that we write to."""
        self.need("clickhouse_url")
        return self._address(self.clickhouse_url)

    @property
    def boards_address(self) -> Address:
        """Where boards are read."""
        return self._address(self.boards_url) if self.boards_url else self.clickhouse_address

    def _address(self, url: str | None) -> Address:
        pem = self.clickhouse_pem
        return Address(str(url), *(str(path) if path else None for path in (pem.ca, pem.cert, pem.key)))

    @property
    def kafka_pem(self) -> Pem:
        password = self.kafka_ssl_key_password
        secret = password.get_secret_value() if password else ""
        return Pem("KAFKA_SSL", self.kafka_ssl_ca, self.kafka_ssl_cert, self.kafka_ssl_key, secret)

    @property
    def clickhouse_pem(self) -> Pem:
        return Pem("CLICKHOUSE", self.clickhouse_ca, self.clickhouse_cert, self.clickhouse_key)

    @property
    def viewer_url(self) -> str:
        return f"http://{self.viewer_host}:{self.viewer_port}"

    def environment(self) -> dict[str, str]:
        """The settings that differ from the defaults, as environment variables: what a child process is given."""
        fields = type(self).model_fields
        changed = {name: value for name in fields if (value := getattr(self, name)) != fields[name].default}
        return {env_name(name): _text(value) for name, value in changed.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def env_name(field: str) -> str:
    """The environment variable of a field."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else PREFIX + field.upper()


def load(env_file: Path | None = None, **overrides: Any) -> Settings:
    """The settings; `env_file` stands below the environment, `overrides` (by field name) above it.

    Raises SettingsError.
    """
    if env_file is not None:
        _check_file(env_file)
    given: dict[str, str | None] = {**(dotenv_values(env_file) if env_file else {}), **os.environ}
    _refuse_unknown(given)
    try:
        return Settings(_env_file=env_file, **overrides)  # type: ignore[call-arg]
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise SettingsError(f"{path}: is a directory")
    if not path.is_file():
        raise SettingsError(f"{path}: no such file; `funnelwatch up` writes it when all is ready")
    try:
        with path.open(encoding="utf-8") as lines:
            wrong = next((one.original for one in parse_stream(lines) if one.error), None)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not UTF-8") from None
    if wrong is not None:
        blank = wrong.string[: -len(wrong.string.lstrip())].count("\n")  # it begins with the blank lines before it
        raise SettingsError(f"{path}: line {wrong.line + blank}: not NAME=VALUE")


def _refuse_unknown(given: Mapping[str, str | None]) -> None:
    known = {env_name(field) for field in Settings.model_fields}
    for name in given:
        if name.startswith(PREFIX) and not name.startswith(_OTHERS) and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise SettingsError(f"{name}: no such setting" + (f"; did you mean {near[0]}?" if near else ""))


def _one_line(error: ValidationError) -> str:
    lines = [_line(dict(one)) for one in error.errors()]
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    return lines[0] + more


def _line(error: dict[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    if not error["loc"]:
        return message
    name = str(error["loc"][0])
    name = env_name(name) if name in Settings.model_fields else name.upper()
    value = "***" if re.search("PASSWORD|TOKEN|EMAIL_KEY|AUTH", name) else repr(error.get("input"))
    if "@" in value:  # an address with its password
        value = re.sub(r"//.*@", "//***@", value)
    return f"{name}={value}: {message if message.startswith('must') else 'must be ' + message}"
