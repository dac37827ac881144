from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource

from deploy.settings import Settings, load
from deploy.topics import TopicsError, check, ensure, look, names
from tests.support.kafka import TestBroker, create_topics


def settings_for(broker: TestBroker, generation: int, prefix: str, partitions: int = 3) -> Settings:
    return load(
        kafka_bootstrap_servers=broker.bootstrap_servers,
        generation=generation,
        partitions=partitions,
        topic_web=f"{prefix}.web",
        topic_form=f"{prefix}.form",
        topic_crm=f"{prefix}.crm",
        topic_leaks=f"{prefix}.leaks",
    )


def test_creates_what_is_missing_once(any_broker: TestBroker) -> None:
    settings = settings_for(any_broker, 901, "topics.once")
    assert {one.state for one in ensure(settings, dry_run=True)} == {"missing"}
    with pytest.raises(TopicsError, match=r"topics\.once\.web is missing"):
        check(look(settings))
    assert {one.state for one in ensure(settings)} == {"created"}
    again = ensure(settings)
    assert {one.state for one in again} == {"there"}
    assert {one.topic.name: one.partitions for one in again}[names(settings).links] == 1
    check(again)


def test_links_are_kept_forever(any_broker: TestBroker) -> None:
    settings = settings_for(any_broker, 902, "topics.links")
    ensure(settings)
    resource = ConfigResource(ConfigResource.Type.TOPIC, names(settings).links)
    client = AdminClient({"bootstrap.servers": any_broker.bootstrap_servers})
    entries = client.describe_configs([resource])[resource].result(10)
    assert entries["retention.ms"].value == "-1"
    assert entries["cleanup.policy"].value == "delete"


def test_compacted_links_are_refused(any_broker: TestBroker) -> None:
    settings = settings_for(any_broker, 903, "topics.compacted")
    create_topics(any_broker, names(settings).links, partitions=1, cleanup_policy="compact", retention_ms="-1")
    with pytest.raises(TopicsError, match=r"identity\.links: has cleanup\.policy=compact"):
        check(ensure(settings))


def test_other_partition_counts_are_refused(any_broker: TestBroker) -> None:
    settings = settings_for(any_broker, 904, "topics.counts")
    create_topics(any_broker, "topics.counts.form", partitions=2)
    with pytest.raises(
        TopicsError, match=r"topics\.counts\.form: has 2 partitions, not 3; set FUNNELWATCH_PARTITIONS=2"
    ):
        check(ensure(settings))
