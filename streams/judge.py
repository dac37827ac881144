"""Which decoded source records are refused. Judged by the record alone and its own Kafka time, never by the clock."""

from __future__ import annotations

from streams.event import NAMES_OF_OTHERS, without_addresses
from streams.identity.messages import ORDERS
from streams.model import DAY, Micros, Origin, Record, Reject

FUTURE_TOLERANCE: Micros = DAY  # skewed clocks, and dates without a time that are midnight further east
EARLIEST: Micros = 631_152_000_000_000  # 1990-01-01: before there were funnels, it is a unit mixed up

LATEST: Micros = 7_258_118_400_000_000  # 2200-01-01: what follows from it is still a date, and fits ClickHouse's
LARGEST_VALUE = 100_000  # bytes
LONGEST_ID = 255  # bytes of UTF-8
LARGEST_KEPT, _LARGEST_KEY = 16 * 1024 * 1024, 1024 * 1024  # bytes: together they fit into a rejected topic's message
_IDS = ("anonymous_id", "session_id", "source", *sorted(NAMES_OF_OTHERS))

TYPES = {
    "web": frozenset({"page_view", "identify", "erased"}),
    "form": frozenset({"form_submitted"}),
    "crm": frozenset(
        {
            "lead_created",
            "lead_updated",
            "status_changed",
            "assigned",
            "accepted",
            "rejected",
            "recycled",
            "activity_logged",
            "campaign_response",
            "marketing_email",
            "nurture_entered",
            "nurture_left",
            "converted",
            "opportunity_created",
            "opportunity_stage_changed",
            "opportunity_won",
            "opportunity_lost",
            "merged",
            "unmerged",
            "deleted",
            *ORDERS,
        }
    ),
}
_KINDS = (frozenset({"lead", "contact", "opportunity", "account"}), frozenset({"lead", "contact", "email"}))
"""Of what anything else, and of what an order may be said."""


def too_large(value: bytes | None) -> Reject | None:
    if value is None or len(value) <= LARGEST_VALUE:
        return None
    return Reject("too_large", f"{len(value)} bytes: no event is larger than {LARGEST_VALUE}")


def kept(origin: Origin) -> Origin:
    """As a reject can hold it. A batch's limit is that of its compressed bytes: what they hold may be of any size."""
    if not is_cut(origin.key, origin.value):
        return origin
    key, value = origin.key and origin.key[:_LARGEST_KEY], origin.value and origin.value[:LARGEST_KEPT]
    return Origin(origin.topic, origin.partition, origin.offset, origin.appended_at, key, value)


def is_cut(key: bytes | None, value: bytes | None) -> bool:
    """Whether a reject holds only the beginning of these."""
    return len(value or b"") >= LARGEST_KEPT or len(key or b"") >= _LARGEST_KEY


def refusal(source: str, record: Record, appended_at: Micros) -> Reject | None:
    """Why this record cannot be used, if so. `source`: web, form or crm; `appended_at`: its Kafka append time."""
    if record["type"] not in TYPES[source]:
        return Reject(
            "unknown_type", f"type {without_addresses(record['type'][:LONGEST_ID])!r} is none of the {source} types"
        )
    if source == "crm" and (kind := record["record_kind"]) not in _KINDS[record["type"] in ORDERS]:
        return Reject("unknown_type", f"type {record['type']!r} says nothing about a record of kind {kind!r}")
    long = [(name, text) for name in _IDS if (text := record.get(name)) and len(text) > LONGEST_ID // 4]
    long += [("contact_id", person["contact_id"]) for person in record.get("contacts") or ()]
    for name, text in long:
        if (size := len(text.encode(errors="replace"))) > LONGEST_ID:
            return Reject("too_large", f"{name} of {size} bytes: none is longer than {LONGEST_ID}")
    for name in ("occurred_at", "recorded_at"):
        at = record[name]
        if at is None:
            continue
        if at < EARLIEST:
            return Reject("impossible_time", f"{name} {at} is before 1990: microseconds since 1970 are expected")
        if at > LATEST:
            return Reject("impossible_time", f"{name} {at} is after 2200: microseconds since 1970 are expected")
        if at > appended_at + FUTURE_TOLERANCE:
            ahead = (at - appended_at) / DAY
            return Reject("impossible_time", f"{name} is {ahead:.0f} days after the record reached Kafka")
    return None
