"""Three real Apache Kafka brokers for tests: what one replica alone holds is lost when its broker is."""

from __future__ import annotations

from pathlib import Path

from deploy.local.broker import answers
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.process import Process, wait_until
from tests.support.apache_kafka import PROPERTIES, START_SECONDS, format_storage, java

BROKERS = 3


class ApacheCluster:
    """Up when the constructor returns. Each broker can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._ports = [free_port() for _ in range(BROKERS)]
        self._brokers: dict[int, Process] = {}
        self._folder = folder
        self.bootstrap_servers = ",".join(f"{LOOPBACK}:{port}" for port in self._ports)
        controllers = [f"{LOOPBACK}:{free_port()}" for _ in range(BROKERS)]
        voters = ",".join(f"{node}@{address}" for node, address in enumerate(controllers))
        for node in range(BROKERS):
            self._properties(node).write_text(
                PROPERTIES.format(
                    node=node,
                    controller=controllers[node],
                    voters=voters,
                    replicas=BROKERS,
                    in_sync=BROKERS - 1,
                    listeners=f"PLAINTEXT://{LOOPBACK}:{self._ports[node]}",
                    protocols="",
                    data=folder / f"data{node}",
                )
            )
            format_storage(self._properties(node))
            self._launch(node)
        for node in range(BROKERS):
            self._wait(node)

    def start(self, node: int) -> None:
        self._launch(node)
        self._wait(node)

    def kill(self, node: int) -> None:
        self._brokers.pop(node).kill()

    def close(self) -> None:
        for node in list(self._brokers):
            self.kill(node)

    def _properties(self, node: int) -> Path:
        return self._folder / f"server{node}.properties"

    def _launch(self, node: int) -> None:
        command = [*java(), "kafka.Kafka", str(self._properties(node))]
        self._brokers[node] = Process(f"Apache Kafka {node}", command, self._folder / f"kafka{node}.log")

    def _wait(self, node: int) -> None:
        broker, address = self._brokers[node], f"{LOOPBACK}:{self._ports[node]}"
        wait_until(lambda: answers(address), broker.name, broker.check, START_SECONDS)
