"""Every reason for which a message is refused: what it means, and what to do. README shows this table."""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    meaning: str
    what_to_do: str


_MEND_SOURCE = "mend the source; it has to send the event again"
_DROPPED = "nothing is wrong with the message: a cap keeps states bounded; cannot be retried"

REASONS: dict[str, Reason] = {
    "empty_value": Reason("no value: a tombstone, or no bytes", _MEND_SOURCE),
    "not_avro": Reason(
        "no Avro in Confluent wire format: other bytes, cut, with bytes left over, or text that is no UTF-8",
        _MEND_SOURCE,
    ),
    "unknown_schema": Reason(
        "the writer's schema id is not in the registry",
        "register the schema, or mend SCHEMA_REGISTRY_URL; retry some seconds later, as workers ask every other second",
    ),
    "wrong_schema": Reason(
        "written by the schema of something else, or by one that does not resolve to ours", _MEND_SOURCE
    ),
    "missing_field": Reason("a field without a default is not in the writer's schema, or has no value", _MEND_SOURCE),
    "unknown_type": Reason(
        "a type of event that this version does not know", "a new type: update funnelwatch, then retry; else the source"
    ),
    "impossible_time": Reason(
        "before 1990, after 2200, or more than a day after the record's own Kafka time",
        "mend the source's clock or unit; it has to send the event again",
    ),
    "too_large": Reason("a value or an id larger than any event", _MEND_SOURCE),
    "blocked_identifier": Reason(
        "a device, record or address that stands for nobody, such as `null`",
        "mend the source, or the guards in the lead definition, which is a new generation",
    ),
    "too_many_sessions": Reason("a device with more sessions than are kept", _DROPPED),
    "too_many_forms": Reason("a session with more forms without an address than are kept", _DROPPED),
    "too_many_deal_events": Reason("a deal with more events than are kept", _DROPPED),
    "too_many_items": Reason("an identifier with more events than are kept", _DROPPED),
}

CAPS = frozenset(name for name, reason in REASONS.items() if reason.what_to_do == _DROPPED)
"""By these something was dropped that need not be the message at whose place it is told."""
