"""What a user of a secured Kafka must be allowed to do, and whether the one of the settings is."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from confluent_kafka import KafkaError, KafkaException, Producer, TopicCollection
from confluent_kafka.admin import AdminClient

from deploy import topics
from deploy.kafka import KafkaUnavailable, admin, client_config, reason
from deploy.settings import Settings
from deploy.wait import group
from streams.worker.producer import TRANSACTION_MS

Kind = Literal["topic", "group", "transactional-id"]
_ANSWER = 5.0
_SILENT = logging.Logger("librdkafka")  # a refused transaction is an answer here, no line on stderr
_SILENT.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Right:
    """An ACL, in the words of kafka-acls. Read and Write let a user see the topic or group, too."""

    kind: Kind
    name: str
    operations: tuple[str, ...]
    prefixed: bool = False


def of_worker(settings: Settings) -> list[Right]:
    names, ours = topics.names(settings), group(settings)
    rejected = {names.rejected(topic) for topic in names.sources}
    return [
        *(Right("topic", name, ("Read",)) for name in names.sources),
        *(Right("topic", name, ("Write",)) for name in sorted(rejected)),
        Right("topic", f"{names.prefix}.", ("Read", "Write", "DescribeConfigs"), prefixed=True),
        Right("topic", f"{ours}-", ("Read", "Write"), prefixed=True),  # changelogs
        Right("topic", names.leaks, ("Read", "Write")),
        Right("group", ours, ("Read",)),
        Right("transactional-id", f"{ours}-", ("Write",), prefixed=True),
    ]


def of_sender(settings: Settings) -> list[Right]:
    """For load, identity and erase; with --wait they look how far the worker is."""
    names = topics.names(settings)
    return [
        *(Right("topic", name, ("Write", "Read")) for name in names.sources),
        Right("topic", f"{names.prefix}.", ("Read",), prefixed=True),
        Right("group", group(settings), ("Describe",)),
    ]


def of_topics(settings: Settings) -> list[Right]:
    """For `funnelwatch topics`."""
    return [Right("topic", one.name, ("Create", "Describe", "DescribeConfigs")) for one in topics.wanted(settings)]


def check(settings: Settings) -> None:
    """Raises KafkaUnavailable for the first right that the worker lacks."""
    lacks = list(lacking(settings, admin(settings)))
    with suppress(KafkaUnavailable):  # two workers that ask at once disturb each other; what lasts, lanes will tell
        lacks += filter(None, [transactions_refused(settings, TRANSACTION_MS)])
    if lacks:
        more = f" (and {len(lacks) - 1} more: funnelwatch doctor)" if len(lacks) > 1 else ""
        raise KafkaUnavailable(f"Kafka at {settings.kafka_bootstrap_servers}: {lacks[0]}{more}")


def lacking(settings: Settings, client: AdminClient) -> Iterator[str]:
    """One line for each right of a worker that is not given, with the command that gives it."""
    rights, ours = of_worker(settings), group(settings)
    asked = [one.name for one in topics.wanted(settings)]
    for name, future in client.describe_topics(
        TopicCollection(asked), include_authorized_operations=True, request_timeout=_ANSWER
    ).items():
        allowed = _allowed(future)
        wanted = {op for right in rights if _covers(right, name) for op in right.operations}
        if allowed is not None and (lacks := sorted(wanted - allowed)):
            yield _line(settings, "topic", name, lacks)
    for future in client.describe_consumer_groups(
        [ours], include_authorized_operations=True, request_timeout=_ANSWER
    ).values():
        allowed = _allowed(future)
        if allowed is not None and "Read" not in allowed:
            yield _line(settings, "group", ours, ["Read"])


def transactions_refused(settings: Settings, timeout_ms: int) -> str | None:
    """Which right or setting keeps transactions from a worker; None where nothing does, or it needs none.

    Raises KafkaUnavailable.
    """
    if not settings.transactions:
        return None
    probe = Producer(
        client_config(
            settings, transactional_id=f"{group(settings)}-probe", transaction_timeout_ms=timeout_ms, logger=_SILENT
        )
    )
    try:
        probe.init_transactions(_ANSWER)
    except KafkaException as error:
        code = error.args[0].code()
        if code == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
            return _line(settings, "transactional-id", f"{group(settings)}-", ["Write"], prefixed=True)
        if code == KafkaError.INVALID_TRANSACTION_TIMEOUT:
            return (
                f"brokers allow shorter ones than the {timeout_ms} ms that a worker asks for: "
                f"set transaction.max.timeout.ms={timeout_ms} or more in server.properties of all brokers"
            )
        raise KafkaUnavailable(f"Kafka at {settings.kafka_bootstrap_servers}: {reason(error)}") from None
    return None


def _covers(right: Right, topic: str) -> bool:
    return right.kind == "topic" and (topic.startswith(right.name) if right.prefixed else topic == right.name)


def _allowed(future: Future[Any]) -> set[str] | None:
    """The operations, in the words of kafka-acls; None where the broker does not say."""
    try:
        operations = future.result(2 * _ANSWER).authorized_operations
    except KafkaException as error:
        refused = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED)
        return set() if error.args[0].code() in refused else None
    return None if operations is None else {one.name.title().replace("_", "") for one in operations}


def _line(settings: Settings, kind: Kind, name: str, operations: Sequence[str], prefixed: bool = False) -> str:
    user = settings.kafka_sasl_username or "NAME"
    wanted = " ".join(f"--operation {one}" for one in operations)
    pattern = " --resource-pattern-type prefixed" if prefixed else ""
    return (
        f"no right to {', '.join(operations)} on {kind} {name}: "
        f"kafka-acls --add --allow-principal User:{user} {wanted} --{kind} {name}{pattern}"
    )
