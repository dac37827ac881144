"""The topics that a generation needs: which, with how many partitions, and whether they are so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from deploy.kafka import admin, reason
from deploy.settings import Settings
from streams.topics import LARGEST_MESSAGE, Topics

FOREVER = {"cleanup.policy": "delete", "retention.ms": "-1"}
COMPACTED = {"cleanup.policy": "compact"}
LARGE = {"max.message.bytes": str(LARGEST_MESSAGE)}  # a rejected record is a little more than the original was
_BROKER_DEFAULT = -1
_KNOWN_SECONDS = 30.0
_PAUSE = 0.02


class TopicsError(RuntimeError):
    """A topic is not as it must be; one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    partitions: int
    config: dict[str, str]
    purpose: str
    strict: bool = False  # its configuration must be just this: state is folded from it


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as it is: `state` says `wrong` with `detail` what is wrong and what to do."""

    topic: Topic
    partitions: int
    state: Literal["there", "created", "missing", "wrong"]
    detail: str = ""


def names(settings: Settings) -> Topics:
    return Topics(
        settings.topic_web, settings.topic_form, settings.topic_crm, settings.generation, settings.topic_leaks
    )


def wanted(settings: Settings) -> Iterator[Topic]:
    """In the order of the flow."""
    topics, n = names(settings), settings.partitions
    for name in topics.sources:
        yield Topic(name, n, FOREVER, "source")
    for name in topics.internal:
        if name == topics.links:
            yield Topic(name, 1, FOREVER | LARGE, "internal: identity's one log, never compacted", strict=True)
        else:
            yield Topic(name, n, FOREVER | LARGE, "internal")
    for name in topics.changelogs:  # Faust would make them too, with one replica
        yield Topic(name, n, COMPACTED | LARGE, "changelog")
    for name in (*topics.sources, topics.identity):  # one for all internal ones
        yield Topic(topics.rejected(name), 1, FOREVER | LARGE, "rejected")
    yield Topic(topics.leaks, 1, COMPACTED, "output: alerts; what was said last of each leak")


def ensure(settings: Settings, dry_run: bool = False) -> list[Found]:
    """Creates what is missing (not with `dry_run`), changes nothing that is there, and says how every topic stands.

    Raises KafkaUnavailable, and TopicsError where a topic cannot be created.
    """
    client = admin(settings)
    found = look(settings, client)
    missing = [one.topic for one in found if one.state == "missing"]
    if dry_run or not missing:
        return found
    new = [NewTopic(topic.name, topic.partitions, _BROKER_DEFAULT, config=topic.config) for topic in missing]
    created = set()
    for name, future in client.create_topics(new).items():
        try:
            future.result(30)
            created.add(name)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # by another process, just now
                right = "; the ACL Create on it is missing" if _refused(error) else ""
                raise TopicsError(f"cannot create {name}: {error.args[0].str()}{right}") from None
    wait_for(client, {topic.name for topic in missing})
    return [replace(one, state="created") if one.topic.name in created else one for one in look(settings, client)]


def wait_for(client: AdminClient, created: set[str]) -> None:
    """A topic is made before every broker knows it. Raises TimeoutError."""
    end = time.monotonic() + _KNOWN_SECONDS
    while unknown := created - set(client.list_topics(timeout=_KNOWN_SECONDS).topics):
        if time.monotonic() > end:
            raise TimeoutError(f"topics were created, yet after {_KNOWN_SECONDS:g} s no broker knows {min(unknown)}")
        time.sleep(_PAUSE)


def look(settings: Settings, client: AdminClient | None = None) -> list[Found]:
    """How every topic stands. Raises KafkaUnavailable."""
    client = client or admin(settings)
    there = {name: len(topic.partitions) for name, topic in client.list_topics(timeout=10).topics.items()}
    hidden = _hidden([topic.name for topic in wanted(settings) if topic.name not in there], client)
    return [
        Found(topic, 0, "wrong", "may not be seen; the ACL Describe, or Read, on it is missing")
        if topic.name in hidden
        else _judge(topic, there.get(topic.name, 0), client)
        for topic in wanted(settings)
    ]


def _hidden(absent: list[str], client: AdminClient) -> set[str]:
    """Those that we may not know of: a broker lists them as little as what is not there."""
    if not absent:
        return set()
    asked = client.describe_topics(TopicCollection(absent), request_timeout=10)
    return {name for name, future in asked.items() if _refused(future.exception(10))}


def _refused(error: BaseException | None) -> bool:
    codes = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED)
    return isinstance(error, KafkaException) and error.args[0].code() in codes


def check(found: list[Found]) -> None:
    """Raises TopicsError for the first topic that is missing or wrong."""
    for one in found:
        if one.state == "missing":
            raise TopicsError(f"topic {one.topic.name} is missing; create it: funnelwatch topics")
        if one.state == "wrong":
            raise TopicsError(f"topic {one.topic.name}: {one.detail}")


def _judge(topic: Topic, partitions: int, client: AdminClient) -> Found:
    if not partitions:
        return Found(topic, 0, "missing")
    if topic.purpose.partition(":")[0] not in ("rejected", "output") and partitions != topic.partitions:
        if topic.purpose == "source":
            advice = (
                f"set FUNNELWATCH_PARTITIONS={partitions} (all three sources must have as many), for a new generation"
            )
        else:
            advice = "it belongs to this generation: take another FUNNELWATCH_GENERATION, or delete the topic"
        return Found(topic, partitions, "wrong", f"has {partitions} partitions, not {topic.partitions}; {advice}")
    if topic.strict and (wrong := _wrong_config(topic, client)):
        return Found(topic, partitions, "wrong", wrong)
    return Found(topic, partitions, "there")


def _wrong_config(topic: Topic, client: AdminClient) -> str:
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic.name)
    try:
        entries = client.describe_configs([resource])[resource].result(10)
    except KafkaException as error:
        return f"its settings may not be read; the ACL DescribeConfigs is missing ({reason(error)})"
    actual = {name: entry.value for name, entry in entries.items()}
    # a broker that does not tell its defaults (the embedded one) is taken to have what was asked for
    wrong = [f"{name}={actual[name]}" for name, value in FOREVER.items() if actual.get(name, value) != value]
    return f"has {' and '.join(wrong)}; it must never lose a record" if wrong else ""
