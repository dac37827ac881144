"""How Kafka's two client libraries are told to be secure."""

from __future__ import annotations

from typing import Any

from deploy.settings import Settings


def aiokafka_security(settings: Settings) -> dict[str, Any]:
    """aiokafka's security arguments; empty for plain text."""
    if settings.kafka_security_protocol == "PLAINTEXT":
        return {}
    found: dict[str, Any] = {"security_protocol": settings.kafka_security_protocol}
    if settings.kafka_security_protocol.endswith("SSL"):
        found["ssl_context"] = settings.kafka_pem.context()
    if settings.kafka_sasl_password is not None:
        found["sasl_mechanism"] = settings.kafka_sasl_mechanism
        found["sasl_plain_username"] = settings.kafka_sasl_username
        found["sasl_plain_password"] = settings.kafka_sasl_password.get_secret_value()
    return found


def librdkafka_security(settings: Settings) -> dict[str, Any]:
    """The same for confluent-kafka."""
    found: dict[str, Any] = {"security.protocol": settings.kafka_security_protocol}
    files = {
        "ssl.ca.location": settings.kafka_ssl_ca,
        "ssl.certificate.location": settings.kafka_ssl_cert,
        "ssl.key.location": settings.kafka_ssl_key,
    }
    found |= {name: str(path) for name, path in files.items() if path is not None}
    if settings.kafka_ssl_key_password is not None:
        found["ssl.key.password"] = settings.kafka_ssl_key_password.get_secret_value()
    if settings.kafka_sasl_password is not None:
        found["sasl.mechanism"] = settings.kafka_sasl_mechanism
        found["sasl.username"] = settings.kafka_sasl_username
        found["sasl.password"] = settings.kafka_sasl_password.get_secret_value()
    return found
