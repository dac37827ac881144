"""Each reliance of the worker on what Faust and aiokafka do not promise: a new version that changes one fails here."""

from __future__ import annotations

import asyncio
import functools
import inspect
import re
from importlib.metadata import entry_points, version
from types import SimpleNamespace
from typing import Any

import aiokafka
import faust
from aiokafka import conn
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.subscription_state import SubscriptionState, TopicPartitionState
from faust.assignor.partition_assignor import PartitionAssignor
from faust.stores import rocksdb
from faust.tables import recovery
from faust.tables.manager import TableManager
from faust.transport import consumer as base
from faust.transport.drivers import aiokafka as driver

from streams.topics import Topics
from streams.worker import internals


def test_the_versions_that_this_was_proved_on() -> None:
    assert (version("faust-streaming"), version("aiokafka")) == ("0.15.3", "0.14.0")


def test_the_transport_is_found_by_its_scheme() -> None:
    (found,) = entry_points(group="faust.transports", name="funnelwatch")
    assert found.load().__module__ == "streams.worker.transport"


def test_fetched_records_pass_getmany() -> None:
    assert "self._getmany(" in inspect.getsource(base.Consumer._wait_next_records)
    assert "fetched_records" in inspect.getsource(driver.AIOKafkaConsumerThread._fetch_records)


def test_the_flow_resumes_after_perform_seek() -> None:
    source = inspect.getsource(recovery.Recovery.on_recovery_completed)
    assert source.index("perform_seek()") < source.index("resume_flow()")
    assert "_committed_offset.update" in inspect.getsource(base.Consumer.perform_seek)


def test_recovery_ends_by_what_we_set() -> None:
    source = inspect.getsource(recovery.Recovery)
    assert "self.need_recovery()" in source and "self.signal_recovery_end.wait()" in source
    for name in ("active_offsets", "active_highwaters"):
        assert name in inspect.getsource(recovery.Recovery.active_remaining)
    assert "in_recovery" in inspect.getsource(recovery.Recovery._set_recovery_ended)


def test_a_store_keeps_entries_and_an_offset() -> None:
    source = inspect.getsource(rocksdb.Store.apply_changelog_batch)
    assert "put(msg.key, msg.value)" in source and "self.set_persisted_offset(tp, offset)" in source
    source = inspect.getsource(rocksdb.Store.set_persisted_offset)
    assert "put(self.offset_key, str(offset).encode())" in source
    assert "partition: int" in str(inspect.signature(rocksdb.Store._db_for_partition))


def test_consumer_settings_that_faust_does_not_pass() -> None:
    source = inspect.getsource(aiokafka.AIOKafkaConsumer)
    assert "isolation_level=self._isolation_level" in source
    assert "fetch_max_wait_ms=self._fetch_max_wait_ms" in source


def test_what_is_sent_and_received_is_logged_by_one_logger_at_debug_only() -> None:
    assert conn.log.name == "aiokafka.conn"
    source = inspect.getsource(conn)
    for what in ("Request to %s", "Response from %s"):
        assert re.search(rf'log\.debug\(\s+"{what}', source)
        assert source.count(what) == 1


def test_changelogs_may_have_as_many_replicas_as_brokers_think_right() -> None:
    source = inspect.getsource(faust.Topic.declare)
    assert "replicas = self.replicas\n" in source and "replication=replicas or 1," in source


def test_the_poll_clock_and_positions() -> None:
    assert "_last_fetch_ended" in inspect.getsource(SubscriptionState.fetch_context)
    assert hasattr(TopicPartitionState, "has_valid_position") and hasattr(TopicPartitionState, "position")


def test_the_end_of_a_log_is_that_of_the_last_fetch() -> None:
    assert "tp_state.highwater = highwater" in inspect.getsource(Fetcher)


def test_what_metrics_read_of_tables_and_recovery() -> None:
    assert "return self._dbs[partition]" in inspect.getsource(rocksdb.Store._db_for_partition)
    assert "self.actives_ready = False" in inspect.getsource(TableManager.on_rebalance_start)
    completed = inspect.getsource(recovery.Recovery.on_recovery_completed)
    assert completed.index("perform_seek()") < completed.index("on_actives_ready()")
    assert completed.index("on_actives_ready()") < completed.index("on_rebalance_end()")
    assert "on_rebalance_complete.send()" in completed


def test_the_conductor_subscribes_without_agents() -> None:
    source = inspect.getsource(faust.transport.conductor.Conductor._update_indices)
    assert "self._topics" in source and "return self._topic_name_index" in source


def test_nobody_joins_before_all_topics_are_known() -> None:
    """A topic that was just made is not known everywhere at once."""

    class Client:
        asked = 0
        cluster = property(lambda self: self)

        async def set_topics(self, topics: set[str]) -> None:
            self.asked += 1

        force_metadata_update = functools.partialmethod(set_topics, set())

        def partitions_for_topic(self, topic: str) -> set[int] | None:
            return {0} if topic == "source" or self.asked > 3 else None

    client = Client()
    consumer: Any = SimpleNamespace(_client=client)
    asyncio.run(internals.know_topics(consumer, {"source", "changelog"}))
    assert client.asked == 4


def test_a_leader_deals_out_only_what_it_knows() -> None:
    assert "Ignoring missing topic" in inspect.getsource(PartitionAssignor._get_copartitioned_groups)
    assert "_ensure_consumer().subscribe" in inspect.getsource(driver.AIOKafkaConsumerThread.subscribe)
    for name in ("set_topics", "force_metadata_update"):
        assert hasattr(AIOKafkaClient, name)
    assert hasattr(ClusterMetadata, "partitions_for_topic")


def test_changelogs_are_called_as_we_create_them() -> None:
    names = Topics("web", "form", "crm", 7)
    app = faust.App(names.group, broker="kafka://nowhere", store="memory://")
    table: Any = app.Table("journey", partitions=1)
    assert table.changelog_topic_name == names.changelog("journey")
