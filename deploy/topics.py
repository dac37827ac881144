"""The topics that a generation needs: which, with how many partitions, and whether they are so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from deploy.kafka import admin, reason
from deploy.settings import Settings
from streams.topics import LARGEST_MESSAGE, Topics

FOREVER = {"cleanup.policy": "delete", "retention.ms": "-1"}
COMPACTED = {"cleanup.policy": "compact"}
LARGE = {"max.message.bytes": str(LARGEST_MESSAGE)}  # a rejected record is a little more than the original was
_BROKER_DEFAULT = -1
_KNOWN_WITHIN = 10.0  # seconds


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
    return Topics(settings.topic_web, settings.topic_form, settings.topic_crm, settings.generation)


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
                raise TopicsError(f"cannot create {name}: {reason(error)}") from None
    deadline = time.monotonic() + _KNOWN_WITHIN
    found = look(settings, client)
    while any(one.state == "missing" for one in found) and time.monotonic() < deadline:  # not known everywhere at once
        time.sleep(0.05)
        found = look(settings, client)
    return [replace(one, state="created") if one.topic.name in created else one for one in found]


def look(settings: Settings, client: AdminClient | None = None) -> list[Found]:
    """How every topic stands. Raises KafkaUnavailable."""
    client = client or admin(settings)
    there = {name: len(topic.partitions) for name, topic in client.list_topics(timeout=10).topics.items()}
    return [_judge(topic, there.get(topic.name, 0), client) for topic in wanted(settings)]


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
    if topic.purpose != "rejected" and partitions != topic.partitions:
        if topic.purpose == "source":
            advice = (
                f"set FUNNELWATCH_PARTITIONS={partitions} (all three sources must have as many), for a new generation"
            )
        else:
            advice = "it belongs to this generation: take another FUNNELWATCH_GENERATION, or delete the topic"
        return Found(topic, partitions, "wrong", f"has {partitions} partitions, not {topic.partitions}; {advice}")
    if topic.strict and (wrong := _wrong_config(topic, client)):
        return Found(topic, partitions, "wrong", f"has {wrong}; it must never lose a record")
    return Found(topic, partitions, "there")


def _wrong_config(topic: Topic, client: AdminClient) -> str:
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic.name)
    entries = client.describe_configs([resource])[resource].result(10)
    actual = {name: entry.value for name, entry in entries.items()}
    # a broker that does not tell its defaults (the embedded one) is taken to have what was asked for
    wrong = [f"{name}={actual[name]}" for name, value in FOREVER.items() if actual.get(name, value) != value]
    return " and ".join(wrong)
