"""Refused messages into their source topics again, and into the log of what was retried."""

from __future__ import annotations

from functools import partial

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from deploy.kafka import KafkaUnavailable, producer_config
from deploy.rejects.place import Place
from deploy.settings import Settings
from sinks.client import Client
from sinks.retries import Retried, log_retries
from streams.model import Record
from streams.still_refused import timestamp_ms
from streams.topics import LARGEST_MESSAGE
from streams.worker.failpoints import reached

HEADER = "funnelwatch-retry-of"
_FLUSH_SECONDS = 60.0
_OF_A_BATCH = {
    KafkaError.INVALID_TIMESTAMP,
    KafkaError.INVALID_RECORD,
    KafkaError.MSG_SIZE_TOO_LARGE,
    KafkaError._INVALID_DIFFERENT_RECORD,
}
_AT_ONCE, _BYTES_AT_ONCE = 500, 8 * 1024 * 1024


class Resender:
    """Sends in lots. What the broker has acknowledged is logged then: killed in between, a retry sends it once more,
    which changes nothing, as events are told by their content.

    client: of the user who writes. Raises KafkaUnavailable, SinkError.
    """

    def __init__(self, settings: Settings, client: Client, generation: int) -> None:
        self._servers = settings.kafka_bootstrap_servers
        more = {"message.max.bytes": LARGEST_MESSAGE * 2}
        self._producer = Producer(producer_config(settings) | more)
        self._client, self._generation = client, generation
        self._acknowledged: list[Retried] = []
        self._lot: dict[Place, Record] = {}
        self._bytes = 0
        self._failed: dict[Place, KafkaError] = {}
        self.sent: list[Place] = []
        self.refused: list[tuple[Place, str]] = []  # by the broker, and why

    def send(self, place: Place, refused: Record) -> None:
        """The bytes, key and time that it had, to the partition where it was."""
        self._lot[place] = refused
        self._bytes += len(refused["value"] or b"")
        self._produce(place, refused)
        if len(self._lot) >= _AT_ONCE or self._bytes >= _BYTES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Returns when everything is acknowledged and logged."""
        lot, self._lot, self._bytes = self._lot, {}, 0
        try:
            self._wait()
            if len(lot) > 1:  # a broker refuses a batch for one message in it
                for place in [place for place, error in self._failed.items() if error.code() in _OF_A_BATCH]:
                    del self._failed[place]
                    self._produce(place, lot[place])
                    self._wait()
        finally:
            failed, self._failed = self._failed, {}
            self.refused += [(place, str(error.str())) for place, error in failed.items()]
            acknowledged, self._acknowledged = self._acknowledged, []
            if acknowledged:
                reached("retry", "sent")
                log_retries(self._client, self._generation, acknowledged)
                self.sent += [Place(one.topic, one.partition, one.offset) for one in acknowledged]

    def _produce(self, place: Place, refused: Record) -> None:
        try:
            self._producer.produce(
                place.topic,
                refused["value"],
                refused["key"],
                partition=place.partition,
                timestamp=timestamp_ms(refused["appended_at"]),
                headers=[(HEADER, str(place).encode())],
                on_delivery=partial(self._delivered, place),
            )
        except KafkaException as error:  # larger than we may send, say
            self._failed[place] = error.args[0]

    def _wait(self) -> None:
        if left := self._producer.flush(_FLUSH_SECONDS):
            why = f"{left} messages were not acknowledged within {_FLUSH_SECONDS:g} s; retry them later"
            raise KafkaUnavailable(f"Kafka at {self._servers}: {why}")

    def _delivered(self, place: Place, error: KafkaError | None, message: Message) -> None:
        if error is None:
            self._acknowledged.append(Retried(*place, message.partition() or 0, message.offset() or 0))
        else:
            self._failed[place] = error
