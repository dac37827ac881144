"""`funnelwatch worker`: the flow, its codec, definition and sink, put together by the settings."""

from __future__ import annotations

import errno
import hmac
import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import cast

from deploy import rights, topics
from deploy.alerting import AlertBoards
from deploy.clock import boards_clock
from deploy.kafka import admin
from deploy.settings import Settings, SettingsError
from deploy.tls import aiokafka_security
from schemas.codec import Codec, RegistryError
from sinks.client import Address, SinkError, connect
from sinks.definitions import register
from sinks.generations import Binding, bind
from sinks.leaks import reported
from sinks.reader import BoardsReader
from sinks.writer import Batch, Listener, Writer
from streams.definition import Definition
from streams.definition.content import content_of
from streams.definition.load import load_definition
from streams.flow import flow
from streams.worker.config import WorkerConfig
from streams.worker.endpoint import listen
from streams.worker.logs import of_parts
from streams.worker.outbox import RowBatch
from streams.worker.partitions import Partitions
from streams.worker.run import run as work
from streams.worker.watch import Watch

WORKING_DAYS = date(2015, 1, 1), date(2040, 12, 31)  # that boards can count, first and last


class FactsSink:
    """Rows into the tables of `facts`."""

    def __init__(self, clickhouse: Address | str, generation: int, listener: Listener | None = None) -> None:
        self._writer = Writer(connect(clickhouse), generation, listener=listener)

    @property
    def away_since(self) -> float | None:
        return self._writer.away_since

    def stop(self) -> None:
        self._writer.stop()

    def batch(self) -> RowBatch:
        return Batch()

    def write(self, table: str, batches: Sequence[RowBatch]) -> None:
        self._writer.write_table(table, cast(Sequence[Batch], batches))


def run(settings: Settings) -> None:
    """Works until SIGTERM or Ctrl-C. Raises SettingsError, KafkaUnavailable, TopicsError, RegistryError, SinkError."""
    settings.need("kafka_bootstrap_servers", "clickhouse_url", "email_key")
    with closing(_listen(settings.health_host, settings.health_port)) as health:
        _run(settings, health)


def _run(settings: Settings, health: socket.socket) -> None:
    topics.check(topics.look(settings))
    if settings.kafka_security_protocol != "PLAINTEXT":  # else there are seldom users to have rights
        rights.check(settings)
    definition = load_definition(settings.definition)
    config = replace(worker_config(settings), definition_version=definition.version, version=version("funnelwatch"))
    codec = codec_of(settings)
    partitions = Partitions(settings.partitions)
    _bind(settings, definition)
    watch = Watch(config.topics.sources + config.topics.internal)
    sink = FactsSink(settings.clickhouse_address, settings.generation, watch)
    steps = flow(config.topics, partitions.of, codec, definition, config.email_key, config.transactions)
    reader = BoardsReader(settings.clickhouse_address)
    boards = AlertBoards(reader, settings.generation, config.alert_within, settings.crm_url or "")
    before = reported(reader, settings.generation)
    with boards_clock(settings.clickhouse_address) as clock:
        work(
            config,
            codec,
            steps,
            sink,
            clock.now,
            watch=watch,
            health=health,
            speaks=speaks,
            boards=boards,
            reported=before,
        )


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        name = f"FUNNELWATCH_HEALTH_PORT={port}"
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"{name}: taken on {host} already; take another, or 0 for any free one") from None
        raise SettingsError(f"FUNNELWATCH_HEALTH_HOST={host}, {name}: {error.strerror or error}") from None


def speaks(error: BaseException) -> bool:
    """Whether the text of an error may be logged: a value that ClickHouse's client cannot send stands in its error."""
    if isinstance(error, SinkError):
        return error.retryable or getattr(error.__cause__, "code", None) is not None  # the server's own words
    return of_parts(error) or isinstance(error, RegistryError)


def _bind(settings: Settings, definition: Definition) -> None:
    """Raises GenerationTaken where the rows of this generation are made of something else."""
    assert settings.email_key is not None
    check = hmac.new(settings.email_key.get_secret_value().encode(), b"funnelwatch", "sha256").hexdigest()[:12]
    sources = [f"{name}:{settings.partitions}" for name in topics.names(settings).sources]
    cluster = str(admin(settings).list_topics(timeout=10).cluster_id or "")
    client = connect(settings.clickhouse_address)
    try:
        bind(client, settings.generation, Binding(cluster, " ".join(sources), definition.version, check))
        content = json.dumps(content_of(definition), ensure_ascii=False)
        register(client, settings.generation, definition.version, content, working_days(definition))
    finally:
        client.close()


def working_days(definition: Definition) -> Iterator[tuple[str, date]]:
    for name, calendar in definition.calendars.items():
        for day in calendar.working_days(*WORKING_DAYS):
            yield name, day


def worker_config(settings: Settings) -> WorkerConfig:
    assert settings.email_key is not None
    return WorkerConfig(
        bootstrap_servers=str(settings.kafka_bootstrap_servers),
        topics=topics.names(settings),
        partitions=settings.partitions,
        data_dir=Path(settings.data_dir).resolve() / "state",
        email_key=settings.email_key.get_secret_value().encode(),
        transactions=settings.transactions,
        idempotent=settings.idempotence,
        security=aiokafka_security(settings),
        session_timeout=settings.session_timeout,
        stop_grace=settings.stop_grace,
        log_level=settings.log_level,
        log_format=settings.log_format,
        commit_within=settings.stuck_after,
        alert_every=settings.alert_every,
        alert_within=settings.alert_within,
        alert_hold=settings.alert_hold,
    )


def codec_of(settings: Settings) -> Codec:
    auth, ca = settings.schema_registry_auth, settings.schema_registry_ca
    return Codec(settings.schema_registry_url, auth.get_secret_value() if auth else None, str(ca) if ca else None)
