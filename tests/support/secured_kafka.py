"""Apache Kafka with TLS, SASL and an authorizer: one broker, a listener for each way to come in.

Its plain listener is the tests' own door, whose nameless users may do anything. All others may do what they are
granted. Certificates are valid for 127.0.0.1, not for the name `localhost`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from deploy.local.ports import LOOPBACK
from deploy.rights import Kind, Right
from tests.support.apache_kafka import ApacheKafka
from tests.support.certificates import Authority
from tests.support.kafka import TestBroker

PASSWORD = "hush-kafka-password"  # no log may hold it
KEY_PASSWORD = "hush-key-password"
USER = "funnelwatch"

_KINDS: Mapping[Kind, ResourceType] = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional-id": ResourceType.TRANSACTIONAL_ID,
}
_UPPER = re.compile(r"(?<=.)([A-Z])")
LISTENERS = {"TLS": "SSL", "MUTUAL": "SSL", "SASLTLS": "SASL_SSL", "SASLPLAIN": "SASL_PLAINTEXT"}
PROPERTIES = """\
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:ANONYMOUS
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={truststore}
listener.name.mutual.ssl.client.auth=required
listener.name.sasltls.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasltls.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
user_{user}="{password}";
listener.name.sasltls.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.saslplain.sasl.enabled.mechanisms=SCRAM-SHA-256
listener.name.saslplain.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


@dataclass(frozen=True)
class SecuredKafka:
    """`ways`: by a protocol's name the settings of who comes in by it. `other_ca` signed nothing of this broker."""

    broker: TestBroker
    ways: Mapping[str, Mapping[str, str]]
    authority: Authority
    other_ca: Path
    root: AdminClient

    def principal(self, way: str) -> str:
        return {"SSL": "User:ANONYMOUS", "SSL with a certificate": f"User:CN={USER}"}.get(way, f"User:{USER}")

    def grant(self, way: str, rights: Iterable[Right]) -> None:
        acls = [
            AclBinding(
                _KINDS[right.kind],
                right.name,
                ResourcePatternType.PREFIXED if right.prefixed else ResourcePatternType.LITERAL,
                self.principal(way),
                "*",
                AclOperation[_UPPER.sub(r"_\1", operation).upper()],
                AclPermissionType.ALLOW,
            )
            for right in rights
            for operation in right.operations
        ]
        for future in self.root.create_acls(list(dict.fromkeys(acls))).values():
            future.result(10)


@contextmanager
def secured_kafka(folder: Path) -> Iterator[SecuredKafka]:
    authority, other = Authority(folder), Authority(folder, "other-ca")
    server = authority.issue("broker", LOOPBACK)
    client = authority.issue(USER, password=KEY_PASSWORD)
    properties = PROPERTIES.format(keystore=server.both, truststore=authority.ca, user=USER, password=PASSWORD)
    scram = [
        argument
        for kind in ("SCRAM-SHA-256", "SCRAM-SHA-512")
        for argument in ("--add-scram", f"{kind}=[name={USER},password={PASSWORD}]")
    ]
    kafka = ApacheKafka(folder, LISTENERS, properties, scram)
    tls = {"KAFKA_SSL_CA": str(authority.ca)}
    certificate = {
        "KAFKA_SSL_CERT": str(client.certificate),
        "KAFKA_SSL_KEY": str(client.locked_key),
        "KAFKA_SSL_KEY_PASSWORD": KEY_PASSWORD,
    }
    sasl = {"KAFKA_SASL_USERNAME": USER, "KAFKA_SASL_PASSWORD": PASSWORD}

    def way(listener: str, **settings: str) -> dict[str, str]:
        given = {"KAFKA_BOOTSTRAP_SERVERS": kafka.addresses[listener], "KAFKA_SECURITY_PROTOCOL": LISTENERS[listener]}
        return given | settings

    ways = {
        "SSL": way("TLS", **tls),
        "SSL with a certificate": way("MUTUAL", **tls, **certificate),
        "SASL_SSL PLAIN": way("SASLTLS", **tls, **sasl, KAFKA_SASL_MECHANISM="PLAIN"),
        "SASL_SSL SCRAM-SHA-512": way("SASLTLS", **tls, **sasl, KAFKA_SASL_MECHANISM="SCRAM-SHA-512"),
        "SASL_PLAINTEXT SCRAM-SHA-256": way("SASLPLAIN", **sasl, KAFKA_SASL_MECHANISM="SCRAM-SHA-256"),
    }
    try:
        root = AdminClient({"bootstrap.servers": kafka.bootstrap_servers, "log_level": 0})
        yield SecuredKafka(TestBroker(kafka.bootstrap_servers, True, kafka), ways, authority, other.ca, root)
    finally:
        kafka.kill()
