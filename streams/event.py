"""A decoded source record as the rest sees it: the key that tells it from others, and what a journey needs of it.

Plain e-mail addresses, names and phone numbers end here.
"""

from __future__ import annotations

import json
import math
import re
from hashlib import blake2b

from streams.model import LeadEvent, Record, Value

_ENVELOPE = frozenset(
    {"event_id", "source", "type", "occurred_at", "recorded_at", "received_at", "time_precision", "transaction_id"}
)
_PERSONAL = frozenset({"email", "name", "phone"})
_LEFT_OUT = _ENVELOPE | _PERSONAL
# Ids of staff and records are often addresses; they are what owners and links are told by.
NAMES_OF_OTHERS = frozenset(
    {
        "owner_id",
        "changed_by",
        "created_by",
        "actor_id",
        "record_id",
        "lead_id",
        "contact_id",
        "opportunity_id",
        "primary_contact_id",
        "other_record_id",
        "account_id",
        "parent_account_id",
    }
)
# In two steps, as one expression for both would try every beginning in a long text: its time grows with the square.
_WORD = re.compile(r"[^\s/?&=#;:,<>\"'()]+")
_ADDRESS = re.compile(r".+(?:@|%40)[\w.-]*\w", re.DOTALL)

_CONTACTS = "contacts"  # the one field that is a list
LONGEST_TEXT = 1000  # characters
ALL_TEXTS = 2000  # bytes of UTF-8 of one event: thousands of events make a state, and that must fit into one message
MOST_CONTACTS = 50

_in_order: dict[tuple[str, ...], tuple[str, ...]] = {}


def event_digest(record: Record) -> bytes:
    """16 bytes that stand for source, event_id and content; when we received it does not matter.

    Fields without a value are left out, so that a schema that gains nullable fields changes no event's key.
    """
    names = tuple(record)
    ordered = _in_order.get(names)
    if ordered is None:
        ordered = _in_order[names] = tuple(sorted(name for name in names if name not in ("received_at", _CONTACTS)))
    parts = [f"{name}\x1f{value}" for name in ordered if (value := record[name]) is not None]
    if record.get(_CONTACTS):
        parts.append(json.dumps(record[_CONTACTS], sort_keys=True))
    return blake2b("\x1e".join(parts).encode(errors="surrogatepass"), digest_size=16).digest()


def event_key(record: Record) -> str:
    return event_digest(record).hex()


def without_addresses(text: str) -> str:
    """The text with any e-mail address in it, as in a link's query, replaced."""
    return _WORD.sub(_without_address, text) if "@" in text or "%40" in text else text


def _without_address(word: re.Match[str]) -> str:
    found = _ADDRESS.match(word[0])
    return "(e-mail)" + word[0][found.end() :] if found else word[0]


def lead_event(record: Record, key: str, email_domain: str | None) -> LeadEvent:
    """A form or CRM record as a journey sees it. email_domain: of the address that the record carries, if any."""
    data: dict[str, Value] = {}
    texts: dict[str, str] = {}
    for name, value in record.items():
        if value is None or name in _LEFT_OUT:
            continue
        if type(value) is str:
            data[name] = value
            if name not in NAMES_OF_OTHERS:
                texts[name] = without_addresses(value)
        elif name != _CONTACTS:
            if type(value) is not float or math.isfinite(value):  # NaN would make any sum NaN
                data[name] = value
        elif value:
            data[name] = ",".join(f"{person['contact_id']}:{_role(person['role'])}" for person in value[:MOST_CONTACTS])
    data |= shortened(texts)
    if email_domain:
        data["email_domain"] = email_domain
    recorded_at = record["recorded_at"]
    return LeadEvent(
        key=key,
        type=record["type"],
        occurred_at=record["occurred_at"],
        recorded_at=record["occurred_at"] if recorded_at is None else recorded_at,
        source=record["source"],
        event_id=without_addresses(record["event_id"] or "")[:255],
        precision=record["time_precision"],
        data=data,
    )


def shortened(texts: dict[str, str]) -> dict[str, str]:
    """All of them, as much as an event may hold: where they are too much together, each has the same share."""
    texts = {name: text[:LONGEST_TEXT] for name, text in texts.items()}
    if sum(map(len, texts.values())) <= ALL_TEXTS // 4:  # a character has four bytes at most
        return texts
    encoded = {name: text.encode(errors="replace") for name, text in texts.items()}
    if sum(map(len, encoded.values())) <= ALL_TEXTS:
        return texts
    share = ALL_TEXTS // len(texts)
    return {name: text[:share].decode(errors="ignore") for name, text in encoded.items()}


def _role(role: str | None) -> str:
    return without_addresses(role or "")[:100].replace(",", " ").replace(":", " ")
