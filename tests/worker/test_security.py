from __future__ import annotations

import ssl

import pytest
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth

from streams.worker.run import credentials

SASL = {"sasl_mechanism": "SCRAM-SHA-256", "sasl_plain_username": "u", "sasl_plain_password": "p"}
TLS = {"ssl_context": ssl.create_default_context()}


@pytest.mark.parametrize(
    "security",
    [
        {"security_protocol": "SSL", **TLS},
        {"security_protocol": "SASL_SSL", **SASL, **TLS},
        {"security_protocol": "SASL_PLAINTEXT", **SASL},
    ],
    ids=lambda security: str(security["security_protocol"]),
)
def test_the_consumer_is_as_secure_as_the_producers(security: dict[str, object]) -> None:
    given = credentials_to_aiokafka_auth(credentials(security))
    assert {name: value for name, value in given.items() if value is not None} == security


def test_plain_text_needs_none() -> None:
    assert credentials({}) is None
