"""Messages that are bad on purpose, as every real topic has them."""

from __future__ import annotations

from random import Random
from typing import get_args

from deploy.demo.story import Message
from streams.model import Micros, Record
from streams.sources.shapes import Topic

_YEAR_2099: Micros = 4_073_155_200_000_000
_NOBODY = {"web": "anonymous_id", "form": "email", "crm": "record_id"}
FAULTS = ("garbage", "unknown_schema", "truncated", "null_value", "missing_value", "impossible_time", "blocked_id")


def bad_message(rng: Random, at: Micros) -> Message:
    """One of FAULTS on any topic.

    garbage, unknown_schema, truncated and null_value cannot be decoded; the others are records that encode, and that
    a consumer must refuse: without a value in a required field, from the year 2099, by somebody named 'null'.
    """
    topic: Topic = rng.choice(get_args(Topic))
    fault = rng.choice(FAULTS)
    key = f"bad-{rng.getrandbits(32):08x}".encode()
    match fault:
        case "garbage":
            return Message(topic, key, at, raw=b"\xef" + rng.randbytes(rng.randint(3, 60)), fault=fault)
        case "unknown_schema":
            return Message(topic, key, at, raw=b"\x00\x7f\xff\xff\xf0" + rng.randbytes(40), fault=fault)
        case "truncated":
            return Message(topic, key, at, raw=b"\x00\x00\x00\x00\x01\x02", fault=fault)
        case "null_value":
            return Message(topic, key, at, fault=fault)
    record = _record(topic, key.decode(), at)
    if fault == "missing_value":
        record["type"] = ""
    elif fault == "impossible_time":
        record["occurred_at"] = _YEAR_2099
    else:
        record[_NOBODY[topic]] = "null"
        key = b"null"
    return Message(topic, key, at, record, fault=fault)


def _record(topic: Topic, name: str, at: Micros) -> Record:
    common: Record = {"event_id": f"e-{name}", "source": "site", "occurred_at": at, "received_at": at}
    match topic:
        case "web":
            return common | {"type": "page_view", "anonymous_id": name, "page_kind": "home"}
        case "form":
            return common | {"type": "form_submitted", "email": f"{name}@nobody.example", "form_kind": "contact"}
        case "crm":
            own = {"source": "crm", "record_kind": "lead", "record_id": name}
            return common | own | {"type": "lead_updated", "recorded_at": at}
