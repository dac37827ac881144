"""Alerts as they stand in their topic, and as they come: what `funnelwatch alerts` prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from deploy.kafka import KafkaUnavailable, admin, client_config, reason
from deploy.settings import Settings
from deploy.topics import TopicsError
from deploy.wait import group
from deploy.worker import codec_of
from schemas.codec import Undecodable
from streams.alert import Alert

_ANSWER = 10.0
_PAUSE = 0.5
_TIMES = ("at", "data_until", "opened_at", "warn_at", "due_at", "settled_at")


def alerts(settings: Settings, follow: bool) -> Iterator[tuple[str, Alert]]:
    """Key and content, in the order of the topic; with `follow` it waits for more.

    Raises KafkaUnavailable, and TopicsError where the topic is not there.
    """
    codec, name = codec_of(settings), settings.topic_leaks
    partitions = admin(settings).list_topics(name, timeout=_ANSWER).topics[name].partitions
    if not partitions:
        raise TopicsError(f"topic {name} is missing; create it: funnelwatch topics")
    config = client_config(
        settings,
        group_id=f"{group(settings)}-alerts",  # of no meaning: nothing is committed
        enable_auto_commit=False,
        enable_partition_eof=True,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    with closing(Consumer(config)) as consumer:
        consumer.assign([TopicPartition(name, number, 0) for number in partitions])
        left = set(partitions)
        while left or follow:
            message = consumer.poll(_PAUSE)
            if message is None:
                continue
            if (error := message.error()) is None:
                try:
                    alert = Alert(**codec.decode("outputs/leaks", message.value()))
                except Undecodable:  # a deleted key, or somebody else's
                    continue
                yield (message.key() or b"").decode(errors="replace"), alert
            elif error.code() == KafkaError._PARTITION_EOF:
                left.discard(message.partition() or 0)
            else:
                said = reason(KafkaException(error))
                raise KafkaUnavailable(f"Kafka at {settings.kafka_bootstrap_servers}: {name}: {said}")


def as_json(key: str, alert: Alert) -> str:
    """One object: its key and the fields that have a value; times in ISO 8601, UTC."""
    told: dict[str, Any] = {"key": key}
    for name, value in alert._asdict().items():
        if value not in (None, ""):
            told[name] = _iso(value) if name in _TIMES else value
    return json.dumps(told, ensure_ascii=False)


def as_line(alert: Alert) -> str:
    """For people."""
    at = datetime.fromtimestamp(alert.at / 1e6, UTC).strftime("%Y-%m-%d %H:%M")
    if not alert.lead_id:
        source = alert.source or "our own pipeline"
        said = f"{alert.held_count} alerts, {source} is behind" if alert.change == "held" else source
        return f"{at}  {alert.change:<9}  {said}"
    who = f"{alert.owed_by}, {alert.owner}" if alert.owner else alert.owed_by
    why = f"; {alert.verdict}: {alert.why}" if alert.verdict else ""
    return f"{at}  {alert.change:<9}  {alert.kind} of {alert.link or alert.lead_id} ({who}){why}"


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1e6, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
