"""Why brokers do not speak with us: by what librdkafka tells, and where that is too little, by a look of our own."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterable

from confluent_kafka import KafkaError

from deploy.settings import Settings

_LOOK_SECONDS = 2.0
_MECHANISMS = re.compile(r"supported mechanisms: *([\w,-]*)")
_WANTS_CERTIFICATE = re.compile(r"alert (bad certificate|certificate required|unknown ca)", re.IGNORECASE)
# what is wanted for which refusal; doctor says just which right
_RIGHTS = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "an ACL on the topic is missing",
    KafkaError.GROUP_AUTHORIZATION_FAILED: "the ACL Read on the consumer group is missing",
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "the ACL Write on the transactional ids is missing",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: "an ACL on the cluster is missing",
}


def missing_right(error: KafkaError) -> str | None:
    """One line where an ACL refuses us."""
    return _RIGHTS.get(error.code())


def why(settings: Settings, errors: Iterable[KafkaError], last: bool) -> str | None:
    """One line that names the setting, for what will not pass by itself; None where trying again may help.

    last: nobody will try again, so what is but likely is said, too.
    """
    errors = list(errors)
    for error in errors:
        if error.code() == KafkaError._AUTHENTICATION:
            return _authentication(settings, str(error.str()))
    if any(_WANTS_CERTIFICATE.search(str(error.str())) for error in errors):
        if settings.kafka_ssl_cert is None:
            return "it wants our certificate: set KAFKA_SSL_CERT and KAFKA_SSL_KEY"
        return "it does not take our certificate: is KAFKA_SSL_CERT signed by whom the brokers trust?"
    look = _with_tls if settings.kafka_security_protocol.endswith("SSL") else _without_tls
    return look(settings, last)


def _authentication(settings: Settings, said: str) -> str:
    offered = _MECHANISMS.search(said)
    if offered is None:
        return "wrong user or password: KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD"
    if not offered[1]:
        return f"it knows no SASL: KAFKA_SECURITY_PROTOCOL={settings.kafka_security_protocol} is wrong"
    return f"KAFKA_SASL_MECHANISM={settings.kafka_sasl_mechanism} is not offered, but {offered[1].replace(',', ', ')}"


def _with_tls(settings: Settings, last: bool) -> str | None:
    context = settings.kafka_pem.context()
    for host, port in _addresses(settings):
        try:
            with _connected(host, port) as raw, context.wrap_socket(raw, server_hostname=host):
                if last and settings.kafka_security_protocol == "SSL":
                    return "TLS is well, yet it closes the connection: does it want SASL (KAFKA_SECURITY_PROTOCOL)?"
        except ssl.SSLCertVerificationError as error:
            if "ismatch" in error.verify_message:  # of a host name or an IP address
                return (
                    f"its certificate is not for {host}: KAFKA_BOOTSTRAP_SERVERS must name it as the certificate does"
                )
            ca = f"KAFKA_SSL_CA={settings.kafka_ssl_ca}" if settings.kafka_ssl_ca else "KAFKA_SSL_CA is not set"
            return f"its certificate is not trusted ({error.verify_message}): {ca}"
        except (ssl.SSLEOFError, ConnectionResetError):  # or it just stops
            if last:
                return f"it speaks no TLS: KAFKA_SECURITY_PROTOCOL={settings.kafka_security_protocol} is wrong"
        except ssl.SSLError as error:
            if last:
                return f"TLS failed: {error.reason}"
        except OSError:
            continue
    return None


def _without_tls(settings: Settings, last: bool) -> str | None:
    """A TLS listener answers a greeting, a plain one closes the connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nothing is said on it, so nobody has to be trusted
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    protocol = settings.kafka_security_protocol
    for host, port in _addresses(settings):
        try:
            with _connected(host, port) as raw, context.wrap_socket(raw):
                meant = "SASL_SSL" if protocol.startswith("SASL") else "SSL or SASL_SSL"
                return f"it speaks TLS: KAFKA_SECURITY_PROTOCOL={protocol} should be {meant}"
        except (ssl.SSLError, ConnectionResetError):
            if last:
                return f"it closes the connection: KAFKA_SECURITY_PROTOCOL={protocol} is not what this listener speaks"
        except OSError:
            continue
    return None


def _connected(host: str, port: int) -> socket.socket:
    return socket.create_connection((host, port), _LOOK_SECONDS)


def _addresses(settings: Settings) -> Iterable[tuple[str, int]]:
    for address in str(settings.kafka_bootstrap_servers).split(","):
        host, _, port = address.strip().rpartition(":")
        yield host.strip("[]"), int(port)
