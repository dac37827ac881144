"""Encoded events into the source topics."""

from __future__ import annotations

from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from deploy.kafka import KafkaUnavailable, producer_config, reason
from deploy.settings import Settings

FLUSH_SECONDS = 60.0


class EventProducer:
    """Sends in the background; `flush` returns when Kafka has acknowledged everything. Raises KafkaUnavailable."""

    def __init__(self, settings: Settings) -> None:
        self._servers = settings.kafka_bootstrap_servers
        self._topics = {"web": settings.topic_web, "form": settings.topic_form, "crm": settings.topic_crm}
        self._producer = Producer(producer_config(settings))
        self._failed: KafkaError | None = None

    def send(self, topic: str, key: bytes | None, value: bytes | None, timestamp_ms: int = 0) -> None:
        """topic: web, form or crm; timestamp_ms 0: now."""
        while True:
            try:
                self._producer.produce(self._topics[topic], value, key, timestamp=timestamp_ms, on_delivery=self._sent)
                break
            except BufferError:  # full: whoever feeds us has to wait
                self._producer.poll(0.1)
            except KafkaException as error:
                raise self._refused(reason(error)) from None
        self._producer.poll(0)
        self._raise()

    def flush(self) -> None:
        left = self._producer.flush(FLUSH_SECONDS)
        self._raise()
        if left:
            raise self._refused(f"{left} events were not acknowledged within {FLUSH_SECONDS:g} s")

    def _sent(self, error: KafkaError | None, _: Message) -> Any:
        if error is not None:
            self._failed = error

    def _raise(self) -> None:
        if self._failed is not None:
            raise self._refused(str(self._failed.str()))

    def _refused(self, why: str) -> KafkaUnavailable:
        return KafkaUnavailable(f"Kafka at {self._servers}: {why}")
