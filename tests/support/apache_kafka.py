"""A real Apache Kafka for tests: one JVM in KRaft mode on loopback ports, jars through Maven."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from deploy.local.broker import answers
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.process import Process, wait_until

POM = Path(__file__).parent / "kafka-pom.xml"
CACHE = Path(__file__).parents[2] / ".cache" / "kafka"
START_SECONDS = 60.0
NONE: Mapping[str, str] = MappingProxyType({})
JAVA = [
    "java",
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
]

PROPERTIES = """\
process.roles=broker,controller
node.id={node}
listeners={listeners},CONTROLLER://{controller}
advertised.listeners={listeners}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT{protocols}
controller.listener.names=CONTROLLER
controller.quorum.voters={voters}
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor={replicas}
min.insync.replicas={in_sync}
offsets.topic.num.partitions=3
offsets.topic.replication.factor={replicas}
transaction.state.log.num.partitions=3
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr={in_sync}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
message.max.bytes=20971520
"""


def java_and_maven() -> bool:
    return shutil.which("java") is not None and shutil.which("mvn") is not None


def jars() -> Path:
    """The folder with the jars; fetched once per content of the pom."""
    folder = CACHE / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    if folder.is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        fetched = Path(scratch) / "jars"
        subprocess.run(
            ["mvn", "-q", "-B", "-f", POM, "dependency:copy-dependencies", f"-DoutputDirectory={fetched}"],
            check=True,
            timeout=900,
        )
        try:
            fetched.rename(folder)
        except OSError:  # another run was faster
            if not folder.is_dir():
                raise
    return folder


def java() -> list[str]:
    return [*JAVA, "-cp", f"{jars()}{os.sep}*"]


def format_storage(properties: Path, *further: str) -> None:
    """Once, before a broker starts for the first time."""
    tool = ["kafka.tools.StorageTool", "format", "-t", "ZnVubmVsd2F0Y2gtdGVzdA", "-c", str(properties), *further]
    subprocess.run([*java(), *tool], check=True, stdout=subprocess.DEVNULL, timeout=60)


class ApacheKafka:
    """Up when the constructor returns; `stop`, `kill` and `start` keep its data and its port."""

    def __init__(
        self, folder: Path, listeners: Mapping[str, str] = NONE, properties: str = "", format_with: Sequence[str] = ()
    ) -> None:
        """Beside the plain listener others by name, each with its security protocol; `addresses` says where they are.

        format_with: further arguments of the tool that formats the storage.
        """
        self._log = folder / "kafka.log"
        self.data = folder / "data"
        self.addresses = {name: f"{LOOPBACK}:{free_port()}" for name in ("PLAINTEXT", *listeners)}
        self.bootstrap_servers = self.addresses["PLAINTEXT"]
        self._properties = folder / "server.properties"
        controller = f"{LOOPBACK}:{free_port()}"
        ours = PROPERTIES.format(
            node=1,
            controller=controller,
            voters=f"1@{controller}",
            replicas=1,
            in_sync=1,
            listeners=",".join(f"{name}://{address}" for name, address in self.addresses.items()),
            protocols="".join(f",{name}:{protocol}" for name, protocol in listeners.items()),
            data=self.data,
        )
        self._properties.write_text(ours + properties)
        format_storage(self._properties, *format_with)
        self.start()

    def start(self) -> None:
        self.process = Process("Apache Kafka", [*java(), "kafka.Kafka", str(self._properties)], self._log)
        try:
            wait_until(lambda: answers(self.bootstrap_servers), "Apache Kafka", self.process.check, START_SECONDS)
        except BaseException:
            self.process.kill()
            raise

    def stop(self) -> None:
        self.process.stop(30)

    def kill(self) -> None:
        self.process.kill()
