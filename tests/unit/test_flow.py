"""What a record says before any step sees it: judged by itself, found to be in the right partition, never lost."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.codec import Codec
from streams.definition import load_definition
from streams.flow import flow
from streams.judge import EARLIEST, FUTURE_TOLERANCE, TYPES, refusal
from streams.model import Origin, Raw, Reject, Send
from streams.step import Read, Step
from streams.topics import STEPS_WITH_STATE
from tests.support.in_memory import TOPICS
from tests.support.in_memory import Raw as Record

CODEC = Codec(None)
APPENDED = 1_800_000_000_000_000
HERE, ELSEWHERE = 0, 1
PLACE = {"here": HERE, "elsewhere": ELSEWHERE}


@pytest.fixture(scope="module")
def steps() -> dict[str, Step]:
    made = flow(TOPICS, PLACE.__getitem__, CODEC, load_definition(None), b"a secret for tests only")
    return {step.name: step for step in made}


def page_view(device: str, at: int = APPENDED, **more: Any) -> bytes:
    record = {"source": "site", "type": "page_view", "occurred_at": at, "anonymous_id": device, **more}
    return CODEC.encode("events/web", record)


def crm(kind: str, record_id: str, **more: Any) -> bytes:
    record = {"source": "crm", "type": "lead_updated", "occurred_at": APPENDED, "record_kind": kind}
    return CODEC.encode("events/crm", {**record, "record_id": record_id, **more})


def raw(topic: str, value: bytes | None, offset: int = 5) -> Raw:
    return Record(topic, HERE, offset, APPENDED // 1000, b"some key", value)


def test_a_device_in_its_own_partition_goes_to_its_state(steps: dict[str, Step]) -> None:
    read = steps["sessionize"].read(raw(TOPICS.web, page_view("here")))
    assert (read.key, read.source_at, read.instead) == ("here", APPENDED, None)


def test_another_partitioners_record_takes_a_detour_and_keeps_its_origin(steps: dict[str, Step]) -> None:
    value = page_view("elsewhere")
    first = steps["sessionize"].read(raw(TOPICS.web, value))
    assert isinstance(first.instead, Send)
    assert (first.instead.topic, first.instead.key) == ("rekey_devices", "elsewhere")

    again = Record(
        TOPICS.rekey_devices, ELSEWHERE, 9, 0, b"elsewhere", CODEC.encode("internal/rekey", first.instead.message)
    )
    second = steps["sessionize"].read(again)
    assert second.key == "elsewhere"
    assert second.origin == Origin(TOPICS.web, HERE, 5, APPENDED, b"elsewhere", value)
    assert second.source_at == APPENDED


def test_of_the_crm_only_deals_must_be_in_their_partition(steps: dict[str, Step]) -> None:
    read = steps["route"].read(raw(TOPICS.crm, crm("lead", "elsewhere")))
    assert (read.key, read.instead) == (None, None)
    deal = crm("opportunity", "elsewhere", type="opportunity_created")
    redirected = steps["route"].read(raw(TOPICS.crm, deal)).instead
    assert isinstance(redirected, Send)
    assert redirected.topic == "rekey_records"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "empty_value"),
        (b"garbage", "not_avro"),
        (page_view("here", at=APPENDED + FUTURE_TOLERANCE + 1), "impossible_time"),
        (page_view("here", at=EARLIEST - 1), "impossible_time"),
        (page_view("here", recorded_at=1_700_000_000), "impossible_time"),
        (page_view("here", type="?"), "unknown_type"),
        (page_view("null"), "blocked_identifier"),
        (crm("lead", "here"), "wrong_schema"),
    ],
)
def test_what_is_refused_says_why_and_where_it_came_from(
    steps: dict[str, Step], value: bytes | None, reason: str
) -> None:
    read = steps["sessionize"].read(raw(TOPICS.web, value))
    assert isinstance(read.instead, Reject)
    assert read.instead.reason == reason
    assert read.message is None
    assert read.origin == Origin(TOPICS.web, HERE, 5, APPENDED, b"some key", value)


def test_garbage_in_our_own_topics_is_refused_as_well(steps: dict[str, Step]) -> None:
    for name, topic in (("identify", TOPICS.identity), ("resolve", TOPICS.links), ("journey", TOPICS.lead)):
        read: Read = steps[name].read(raw(topic, b"garbage"))
        assert isinstance(read.instead, Reject)
        assert read.origin.topic == topic


def test_time_is_judged_by_the_records_own_kafka_time() -> None:
    record = {"type": "page_view", "occurred_at": APPENDED, "recorded_at": None}
    assert refusal("web", record, APPENDED) is None
    assert refusal("web", record, APPENDED - FUTURE_TOLERANCE) is None
    assert refusal("web", record, APPENDED - FUTURE_TOLERANCE - 1) is not None


def test_every_type_has_a_sample() -> None:
    from schemas.samples import samples

    for source, types in TYPES.items():
        assert {sample.group for sample in samples(f"events/{source}")} == types


def test_every_step_with_a_state_has_a_changelog(steps: dict[str, Step]) -> None:
    assert tuple(name for name, step in steps.items() if step.state is not None) == STEPS_WITH_STATE
