"""Kafka: is it there, are the topics as they must be, and may we do what we have to."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from confluent_kafka import KafkaException
from confluent_kafka.admin import ConfigResource

from deploy import topics as wanted_topics
from deploy.checks.finding import Finding
from deploy.kafka import KafkaUnavailable, admin, reason
from deploy.refusals import missing_right
from deploy.rights import lacking, transactions_refused
from deploy.settings import Settings
from deploy.topic_settings import Actual, Fault, Kind, faults, told
from streams.worker.producer import TRANSACTION_MS


def kafka(settings: Settings) -> Finding:
    try:
        brokers = admin(settings, timeout=4).list_topics(timeout=4).brokers
    except KafkaUnavailable as error:
        return Finding(
            "Kafka", False, str(error), "is it running, and are KAFKA_BOOTSTRAP_SERVERS and KAFKA_SECURITY_* right?"
        )
    return Finding("Kafka", True, f"{settings.kafka_bootstrap_servers}: {len(brokers)} brokers")


def topics(settings: Settings) -> Finding:
    found = wanted_topics.look(settings)
    try:
        wanted_topics.check(found)
    except wanted_topics.TopicsError as error:
        return Finding("topics", False, str(error), "funnelwatch topics creates what is missing")
    return Finding("topics", True, f"all {len(found)} are as they must be")


def topic_settings(settings: Settings) -> Finding:
    """Of our topics, where they are there."""
    part = "topic settings"
    client = admin(settings, timeout=4)
    there = client.list_topics(timeout=4)
    kinds = _kinds(settings, there.topics)
    resources = {name: ConfigResource(ConfigResource.Type.TOPIC, name) for name in kinds}
    found: list[Fault] = []
    try:
        answers = client.describe_configs(list(resources.values()), request_timeout=4) if resources else {}
        for name, resource in resources.items():
            entries = answers[resource].result(4)
            config = {key: str(entry.value) for key, entry in entries.items() if entry.value is not None}
            replicas = min((len(one.replicas) for one in there.topics[name].partitions.values()), default=1)
            found += faults(Actual(name, kinds[name], config, replicas), len(there.brokers))
    except KafkaException as error:
        advice = (
            "doctor needs the ACL DescribeConfigs on all topics; a worker does not"
            if missing_right(error.args[0])
            else ""
        )
        return Finding(part, True, f"not known: {reason(error)}", advice, warning=True)
    if not found:
        return Finding(part, True, f"as they must be on {len(kinds)} topics")
    detail, advice = told(found, str(settings.kafka_bootstrap_servers))
    return Finding(part, all(one.warning for one in found), detail, advice, warning=True)


def _kinds(settings: Settings, there: Collection[str]) -> dict[str, Kind]:
    purposes = {one.name: one.purpose.partition(":")[0] for one in wanted_topics.wanted(settings)}
    return {name: cast(Kind, purpose) for name, purpose in purposes.items() if name in there}


def rights(settings: Settings) -> Finding:
    if not settings.transactions:
        return Finding("rights", True, "not asked: a broker without transactions has no ACLs either")
    lacks = list(lacking(settings, admin(settings, timeout=4)))
    if not lacks:
        return Finding("rights", True, "a worker may do all that it has to")
    what, commands = zip(*(line.split(": ", 1) for line in lacks), strict=True)
    return Finding("rights", False, "; ".join(what), "; ".join(commands))


def transactions(settings: Settings) -> Finding:
    if not settings.transactions:
        return Finding("transactions", True, "off: after a crash a few events are worked off twice, in the same rows")
    admin(settings, timeout=4)
    try:
        refused = transactions_refused(settings, TRANSACTION_MS)
    except KafkaUnavailable as error:
        advice = "are brokers new enough, and well? FUNNELWATCH_TRANSACTIONS=false does without"
        return Finding("transactions", False, str(error), advice)
    if refused is None:
        return Finding("transactions", True, "brokers give a worker its transactions, for as long as it asks")
    what, _, advice = refused.partition(": ")
    return Finding("transactions", False, what, advice)
