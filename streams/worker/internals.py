"""Every reliance on what Faust 0.15.3 and aiokafka 0.14.0 do not promise, in one place.

tests/worker/test_internals.py fails, with the name, when a new version changes one of these.

- `faust.transport.consumer.Consumer._getmany` is the only way from the fetcher to Faust's streams.
- `Consumer.perform_seek` runs last before the flow is resumed; `_committed_offset` then holds what is committed.
- `ConsumerThread._create_consumer`, `subscribe` and `call_thread`; `Transport.Consumer` and `Transport.Fetcher` are
  looked up.
- `Recovery.active_offsets`, `active_highwaters`, `need_recovery`, `_set_recovery_ended`, `signal_recovery_end`, which
  Faust clears only every five seconds. The flow is stopped until the highwaters of a recovery are known.
- `faust.stores.rocksdb.Store.apply_changelog_batch` writes entries and the changelog's offset under `offset_key`, and
  nothing else, as `write_store` does.
- `faust.stores.rocksdb.Store._db_for_partition` returns the partition's database, with `get(bytes)`; `_dbs` are those
  that are open.
- `TableManager.actives_ready` says that recovery has ended; `App.rebalancing` that it has not.
- aiokafka's `TopicPartitionState.highwater`: the end of the log as of the last fetch, also of one that brought nothing.
- `PartitionAssignor` deals out nothing of a topic that the group's leader does not know, a changelog, say, and all the
  rest; `AIOKafkaClient.set_topics` and `force_metadata_update` refresh what it knows.
- `Conductor` subscribes to every topic of `app.topics`, agents or not.
- `Topic.declare` asks for `Topic.replicas` as they are, -1 for what brokers think right among them.
- The logger `aiokafka.conn` writes down every request and response when it is at DEBUG: passwords and people's data.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import aiokafka
import rocksdict
from aiokafka.structs import TopicPartition

_KNOWN_WITHIN_SECONDS = 60.0
_ASK_EVERY_SECONDS = 0.1
_FETCH_WAIT_MS = 25  # Faust says 1500, which a record waits when another partition's long poll is under way


def read_committed_and_soon(consumer: aiokafka.AIOKafkaConsumer) -> None:
    """Before start: never see an aborted flush, and do not wait long for company."""
    consumer._isolation_level = "read_committed"
    consumer._fetch_max_wait_ms = _FETCH_WAIT_MS


async def know_topics(consumer: aiokafka.AIOKafkaConsumer, topics: set[str]) -> None:
    """Before subscribing: wait until the client has metadata of all these. Raises TimeoutError."""
    client = consumer._client
    async with asyncio.timeout(_KNOWN_WITHIN_SECONDS):
        await client.set_topics(topics)
        while not all(client.cluster.partitions_for_topic(topic) for topic in topics):
            await asyncio.sleep(_ASK_EVERY_SECONDS)
            await client.force_metadata_update()


def poll_clock(consumer: aiokafka.AIOKafkaConsumer) -> AbstractContextManager[None]:
    """Inside, aiokafka counts the application as polling."""

    clock: AbstractContextManager[None] = consumer._fetcher._subscriptions.fetch_context()
    return clock


def position(consumer: Any, topic: str, partition: int) -> int | None:
    """The next offset that a Faust consumer will read, beyond transaction markers; None when it has none yet."""
    state = _state(consumer, topic, partition)
    if state is None or not state.has_valid_position:
        return None
    found: int = state.position
    return found


def highwater(consumer: Any, topic: str, partition: int) -> int | None:
    """The end of the log as of the last fetch; None before there was one."""
    state = _state(consumer, topic, partition)
    found: int | None = None if state is None else state.highwater
    return found


def _state(consumer: Any, topic: str, partition: int) -> Any:
    aio: aiokafka.AIOKafkaConsumer | None = consumer._thread._consumer
    subscription = None if aio is None else aio._fetcher._subscriptions.subscription
    if subscription is None or subscription.assignment is None:
        return None
    return subscription.assignment.state_value(TopicPartition(topic, partition))


def write_store(table: Any, partition: int, entries: Iterable[tuple[bytes, bytes | None]], offset: int) -> None:
    """Changelog entries, and the offset of the last of them, into a table's database at once."""
    store, batch = table.data, rocksdict.WriteBatch(raw_mode=True)
    for key, value in entries:
        if value is None:
            batch.delete(key)
        else:
            batch.put(key, value)
    batch.put(store.offset_key, str(offset).encode())
    store._db_for_partition(partition).write(batch)


def keys_by_partition(table: Any) -> Iterator[tuple[int, int]]:
    """Partition and estimated number of keys of each database of a Faust table that is open; opens none."""
    for partition, db in sorted(table.data._dbs.items()):
        yield partition, int(db.property_int_value("rocksdb.estimate-num-keys") or 0)
