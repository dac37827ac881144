"""Garbage in each source topic becomes a row with its origin; the good events around it arrive."""

from __future__ import annotations

import pytest

from schemas.codec import Codec
from tests.support.company import Company
from tests.support.kafka import consume, produce

GARBAGE = [b"garbage", b"", b"\x00\x00\x00\xff\xff?", None]
REASONS = {"empty_value": 2, "not_avro": 1, "unknown_schema": 1}
AT = 1_700_000_000_000_000


def good(codec: Codec, topic: str, n: int) -> tuple[bytes, bytes]:
    base = {"event_id": f"{topic}-{n}", "source": "test", "occurred_at": AT + n}
    records = {
        "web": {**base, "type": "page_view", "anonymous_id": f"device{n}", "session_id": "s"},
        "form": {**base, "type": "form_submitted", "email": f"p{n}@acme.example", "form_kind": "contact"},
        "crm": {**base, "type": "lead_created", "record_kind": "lead", "record_id": f"00Q{n}"},
    }
    key = {"web": f"device{n}", "form": f"p{n}@acme.example", "crm": f"00Q{n}"}[topic]
    return key.encode(), codec.encode(f"events/{topic}", records[topic])


@pytest.mark.parametrize("order", ["garbage first", "garbage between"])
def test_garbage_is_refused_and_named(company: Company, order: str) -> None:
    codec = Codec(None)
    for topic, name in company.topics.items():
        records = [(b"k", value) for value in GARBAGE]
        fine = [good(codec, topic, n) for n in range(20)]
        mixed = [*records, *fine] if order == "garbage first" else [*fine[:10], *records, *fine[10:]]
        produce(company.broker, name, mixed)
    company.start_worker()

    count = "SELECT (SELECT count() FROM boards.visitors), (SELECT count() FROM boards.leads)"
    company.wait(lambda: company.query(count) == [(20, 40)], "the good events")
    company.wait(lambda: company.query("SELECT count() FROM boards.rejects") == [(12,)], "the rejects")
    for name in company.topics.values():
        rows = company.query(f"SELECT reason, count() FROM boards.rejects WHERE topic = '{name}' GROUP BY reason")
        assert dict(rows) == REASONS
        refused = [
            codec.decode("internal/rejected", message.value())
            for message in consume(company.broker, f"{name}.rejected")
        ]
        assert {one["value"] for one in refused} == set(GARBAGE) - {b""} | {b""}
        assert {(one["topic"], one["key"]) for one in refused} == {(name, b"k")}
        places = company.query(f"SELECT partition, offset FROM boards.rejects WHERE topic = '{name}'")
        assert {(one["partition"], one["offset"]) for one in refused} == set(places)
