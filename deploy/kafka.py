"""Kafka clients by the settings."""

from __future__ import annotations

import re
import time
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from deploy.refusals import missing_right, why
from deploy.settings import Settings
from deploy.tls import librdkafka_security

_FIRST_PATIENCE = 0.5  # seconds; what cannot be mended by waiting is told after it
_PAUSE = 0.1
_NOISE = re.compile(r" \(after \d+ms in state \w+[^)]*\)$|^\S+/bootstrap: ")


class KafkaUnavailable(RuntimeError):
    """The brokers do not answer, or refuse; one line."""


def client_config(settings: Settings, **more: Any) -> dict[str, Any]:
    """librdkafka's configuration; `more` has underscores for dots, e.g. group_id."""
    settings.need("kafka_bootstrap_servers")
    config: dict[str, Any] = {
        "bootstrap.servers": settings.kafka_bootstrap_servers,
        **librdkafka_security(settings),
        "log_level": 0,  # what matters comes as an error, not as a line on stderr
    }
    return config | {name.replace("_", "."): value for name, value in more.items()}


def producer_config(settings: Settings) -> dict[str, Any]:
    """Partitions by murmur2, as sessionize expects it; idempotent where the broker can be."""
    return client_config(
        settings,
        partitioner="murmur2_random",
        acks="all",
        enable_idempotence=settings.idempotence,
        linger_ms=20,
        compression_type="lz4",
        queue_buffering_max_messages=200_000,
    )


def admin(settings: Settings, timeout: float = 10.0) -> AdminClient:
    """An admin client of brokers that answer. Raises KafkaUnavailable, at once where waiting does not help."""
    told: list[KafkaError] = []
    config: dict[str, Any] = {**client_config(settings), "error_cb": told.append}
    client = AdminClient(config)
    end, patience = time.monotonic() + timeout, _FIRST_PATIENCE
    while True:
        try:
            client.list_topics(timeout=max(min(patience, end - time.monotonic()), 0.01))
            return client
        except KafkaException as error:
            client.poll(0)
            last = time.monotonic() >= end
            said = why(settings, told, last) or ((_last(told) or reason(error)) if last else None)
        if said:
            raise KafkaUnavailable(f"Kafka at {settings.kafka_bootstrap_servers}: {said}")
        time.sleep(_PAUSE)
        patience *= 2


def _last(told: list[KafkaError]) -> str:
    """The last thing that says something."""
    meant = [one for one in told if one.code() != KafkaError._ALL_BROKERS_DOWN]
    return _text(meant[-1]) if meant else ""


def reason(error: KafkaException) -> str:
    """What librdkafka says, without its wrapping."""
    return _text(error.args[0])


def _text(error: Any) -> str:
    if not isinstance(error, KafkaError):
        return str(error)
    right = missing_right(error)
    said = _NOISE.sub("", str(error.str()))
    return f"{said}: {right}; funnelwatch doctor says which" if right else said
