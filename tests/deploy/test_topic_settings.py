from __future__ import annotations

import pytest

from deploy.topic_settings import Actual, Kind, faults, told
from streams.topics import LARGEST_MESSAGE

GOOD = {"cleanup.policy": "delete", "max.message.bytes": str(LARGEST_MESSAGE), "retention.ms": "-1"}


def said(kind: Kind, replicas: int = 1, brokers: int = 1, **changed: str) -> list[tuple[str, str, bool]]:
    changed = {name.replace("_", "."): value for name, value in changed.items()}
    found = faults(Actual("t", kind, GOOD | changed, replicas), brokers)
    return [(one.said.partition(":")[0], one.mend, one.warning) for one in found]


@pytest.mark.parametrize("kind", ["source", "internal", "rejected"])
def test_a_topic_as_we_make_it_is_well(kind: Kind) -> None:
    assert said(kind) == []
    assert said(kind, 3, 3, min_insync_replicas="2") == []


def test_a_changelog_is_compacted_and_nothing_else() -> None:
    assert said("changelog", cleanup_policy="compact") == []
    for policy in ("delete", "compact,delete"):
        assert said("changelog", cleanup_policy=policy) == [
            (f"cleanup.policy={policy}", "cleanup.policy=compact", False)
        ]


def test_what_was_said_is_compacted_and_may_be_small() -> None:
    assert said("output", cleanup_policy="compact", max_message_bytes="1048588", retention_ms="604800000") == []
    assert said("output") == [("cleanup.policy=delete", "cleanup.policy=compact", False)]


def test_nothing_else_is_compacted() -> None:
    for kind in ("source", "internal"):
        assert said(kind, cleanup_policy="compact") == [("cleanup.policy=compact", "cleanup.policy=delete", False)]


def test_large_messages_and_long_absences() -> None:
    mend = f"max.message.bytes={LARGEST_MESSAGE}"
    assert said("internal", max_message_bytes="1048588") == [("max.message.bytes=1048588", mend, False)]
    assert said("source", max_message_bytes="1048588") == []  # the company's own: what fits into it, fits
    assert said("internal", retention_ms="604800000") == [("retention.ms=604800000", "retention.ms=-1", True)]
    assert said("rejected", retention_ms="604800000") == []


def test_copies_are_asked_for_where_there_are_brokers_for_them() -> None:
    assert said("internal", replicas=1, brokers=2) == []
    assert said("internal", replicas=1, brokers=3) == [("replication factor 1", "", True)]
    one = said("internal", replicas=3, brokers=3, min_insync_replicas="1")
    assert one == [("min.insync.replicas=1 with replication factor 3", "min.insync.replicas=2", True)]
    stuck = said("internal", replicas=1, brokers=3, min_insync_replicas="2")
    assert stuck == [("min.insync.replicas=2 with replication factor 1", "min.insync.replicas=1", False)]


def test_the_same_fault_is_told_once() -> None:
    small = {"max.message.bytes": "1"}
    found = [fault for name in "ab" for fault in faults(Actual(name, "internal", small, 1), 1)]
    detail, advice = told(found, "kafka:9092")
    assert detail.startswith("a, b: max.message.bytes=1: ")
    assert "--bootstrap-server kafka:9092" in advice and "--entity-name a " in advice
    assert advice.endswith(f"--add-config max.message.bytes={LARGEST_MESSAGE} (and so for b)")
