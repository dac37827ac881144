"""What the settings of our topics must be, for what is there already, and how to mend what is not so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from streams.topics import LARGEST_MESSAGE

Kind = Literal["source", "internal", "rejected", "changelog", "output"]
MANY_BROKERS = 3
_POLICY = {
    "changelog": ("compact", "states would be deleted"),
    "output": ("compact", "what was said would be forgotten, and said again"),
}


@dataclass(frozen=True, slots=True)
class Actual:
    """A topic as it is; a setting that the broker does not tell is taken to be right."""

    name: str
    kind: Kind
    config: Mapping[str, str]
    replicas: int


@dataclass(frozen=True, slots=True)
class Fault:
    """`mend`: what --add-config of kafka-configs takes; empty where that is not the way. `warning`: works, for now."""

    topic: str
    said: str
    mend: str = ""
    warning: bool = False


def faults(topic: Actual, brokers: int) -> Iterator[Fault]:
    """What is wrong with it, in a cluster of so many brokers."""
    name, config = topic.name, topic.config
    policy = config.get("cleanup.policy")
    wanted, lost = _POLICY.get(topic.kind, ("delete", "records of equal key would be lost"))
    if policy not in (wanted, None):
        yield Fault(name, f"cleanup.policy={policy}: {lost}", f"cleanup.policy={wanted}")
    largest = int(config.get("max.message.bytes", LARGEST_MESSAGE))
    if topic.kind not in ("source", "output") and largest < LARGEST_MESSAGE:
        said = f"max.message.bytes={largest}: a large message would stop the worker"
        yield Fault(name, said, f"max.message.bytes={LARGEST_MESSAGE}")
    if topic.kind == "internal":
        for setting in ("retention.ms", "retention.bytes"):
            if config.get(setting, "-1") != "-1":
                said = f"{setting}={config[setting]}: what a worker has not read by then is lost"
                yield Fault(name, said, f"{setting}=-1", warning=True)
    yield from _copies(topic, brokers)


def _copies(topic: Actual, brokers: int) -> Iterator[Fault]:
    least = int(topic.config.get("min.insync.replicas", 1))
    if least > topic.replicas:
        said = f"min.insync.replicas={least} with replication factor {topic.replicas}: nothing can be written"
        yield Fault(topic.name, said, f"min.insync.replicas={topic.replicas}")
    elif brokers >= MANY_BROKERS and topic.replicas == 1:
        yield Fault(topic.name, "replication factor 1: it goes with its broker", warning=True)
    elif topic.replicas >= MANY_BROKERS and least == 1:
        said = f"min.insync.replicas=1 with replication factor {topic.replicas}: one broker may lose what it confirmed"
        yield Fault(topic.name, said, "min.insync.replicas=2", warning=True)


def told(found: list[Fault], bootstrap_servers: str) -> tuple[str, str]:
    """All of it in one line, and what to do; topics with the same fault together."""
    by_fault: dict[tuple[str, str], list[str]] = {}
    for one in found:
        by_fault.setdefault((one.said, one.mend), []).append(one.topic)
    detail = "; ".join(f"{', '.join(names)}: {said}" for (said, _), names in by_fault.items())
    return detail, "; ".join(_command(mend, names, bootstrap_servers) for (_, mend), names in by_fault.items())


def _command(mend: str, names: list[str], bootstrap_servers: str) -> str:
    if not mend:
        return f"kafka-reassign-partitions gives {', '.join(names)} more replicas"
    each = f" (and so for {', '.join(names[1:])})" if len(names) > 1 else ""
    return (
        f"kafka-configs --bootstrap-server {bootstrap_servers} --alter --entity-type topics "
        f"--entity-name {names[0]} --add-config {mend}{each}"
    )
