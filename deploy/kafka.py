"""Kafka clients by the settings."""

from __future__ import annotations

from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.settings import Settings


class KafkaUnavailable(RuntimeError):
    """The brokers do not answer, or refuse; one line."""


def client_config(settings: Settings, **more: Any) -> dict[str, Any]:
    """librdkafka's configuration; `more` has underscores for dots, e.g. group_id."""
    settings.need("kafka_bootstrap_servers")
    config: dict[str, Any] = {
        "bootstrap.servers": settings.kafka_bootstrap_servers,
        "security.protocol": settings.kafka_security_protocol,
        "log_level": 0,  # what matters comes as an error, not as a line on stderr
    }
    if settings.kafka_sasl_mechanism and settings.kafka_sasl_password:
        config["sasl.mechanism"] = settings.kafka_sasl_mechanism
        config["sasl.username"] = settings.kafka_sasl_username
        config["sasl.password"] = settings.kafka_sasl_password.get_secret_value()
    if settings.kafka_ssl_ca:
        config["ssl.ca.location"] = str(settings.kafka_ssl_ca)
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
    """An admin client of brokers that answer. Raises KafkaUnavailable."""
    client = AdminClient(client_config(settings))
    try:
        client.list_topics(timeout=timeout)
    except KafkaException as error:
        raise KafkaUnavailable(f"Kafka at {settings.kafka_bootstrap_servers}: {reason(error)}") from None
    return client


def reason(error: KafkaException) -> str:
    """What librdkafka says, without its wrapping."""
    first: Any = error.args[0]
    return str(first.str() if hasattr(first, "str") else first)
