"""The benchmark's events: 80 % web (95 % of it by visitors never identified), 5 % form, 15 % CRM, about 100,000 leads.

In order of time, topics mixed. A tenth of the leads gets four fifths of what happens to leads, as in life. The first
events that a CRM has of a lead tell a story (STORY); what comes later are calls.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from random import Random
from typing import Any, NamedTuple

from confluent_kafka import Producer

from schemas.codec import Codec
from streams.model import DAY, SECOND, Micros

LEADS = 100_000
START: Micros = 1_750_000_000_000_000
SPREAD: Micros = 90 * DAY
WEB, FORM = 0.80, 0.05
KNOWN = 0.05  # of web events
ACTIVE, ACTIVE_SHARE = 0.1, 0.8
PAGES, AT_ONCE = 4, 8  # of a visitor; visitors who look around at the same time
KINDS = ("pricing", "demo", "product", "blog", None)
CALL = {
    "type": "activity_logged",
    "activity_kind": "call",
    "activity_direction": "outbound",
    "activity_human": True,
    "actor_role": "sales",
}
STORY: tuple[dict[str, Any], ...] = (
    {"type": "lead_created", "status": "New"},
    {"type": "assigned", "owner_kind": "person"},
    CALL,
    {"type": "status_changed", "status": "MQL"},
    CALL,
    {"type": "status_changed", "status": "SAL"},
    {"type": "converted"},
    {"type": "opportunity_created", "record_kind": "opportunity", "amount": 24000.0, "currency": "EUR"},
    {"type": "opportunity_won", "record_kind": "opportunity", "amount": 25000.0, "currency": "EUR"},
)

_LEAD = re.compile(rb"^(?:known|00Q|006)\D*(\d+)$")


class Encoded(NamedTuple):
    topic: str  # web, form or crm
    key: bytes
    value: bytes


def encoded(count: int, seed: int, prefix: str = "") -> list[Encoded]:
    """`prefix` keeps people and visitors of two mixes apart."""
    codec = Codec(None)
    made = mix(count, seed, prefix)
    return [Encoded(topic, key, codec.encode(f"events/{topic}", record)) for topic, key, record in made]


def leads(events: Iterable[Encoded]) -> int:
    """How many leads something happens to."""
    return len({number for event in events for number in _LEAD.findall(event.key)})


def mix(count: int, seed: int, prefix: str = "") -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """topic, key, record."""
    rng = Random(seed)
    told: Counter[int] = Counter()
    for number in range(count):
        at = START + number * (SPREAD // count)
        base = {"event_id": f"{prefix}{number}", "source": "bench", "occurred_at": at, "recorded_at": at + 2 * SECOND}
        lead = rng.randrange(int(LEADS * ACTIVE) if rng.random() < ACTIVE_SHARE else LEADS)
        chance = rng.random()
        if chance < WEB:
            visitor = int(number * WEB * (1 - KNOWN) / PAGES) + rng.randrange(AT_ONCE)
            device = f"{prefix}known{lead}" if rng.random() < KNOWN else f"{prefix}visitor{visitor}"
            yield "web", device.encode(), {**base, **_page(device, at, rng)}
        elif chance < WEB + FORM:
            device = f"{prefix}known{lead}"
            yield "form", device.encode(), {**base, **_form(device, f"{prefix}{lead}", rng)}
        else:
            record = _crm(f"{prefix}{lead}", told[lead])
            told[lead] += 1
            yield "crm", record["record_id"].encode(), {**base, **record}


def _page(device: str, at: Micros, rng: Random) -> dict[str, Any]:
    campaign = rng.random() < 0.25
    return {
        "type": "page_view",
        "anonymous_id": device,
        "session_id": f"{device}-{at // DAY}",
        "url": "https://www.example.com/product?x=1",
        "referrer": "https://www.google.com/",
        "page_kind": rng.choice(KINDS),
        **({"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring"} if campaign else {}),
    }


def _form(device: str, lead: str, rng: Random) -> dict[str, Any]:
    return {
        "type": "form_submitted",
        "anonymous_id": device,
        "email": _email(lead),
        "form_kind": rng.choice(("demo_request", "content")),
        "company_size": "200",
        "industry": "machinery",
    }


def _crm(lead: str, told: int) -> dict[str, Any]:
    said: dict[str, Any] = dict(STORY[told] if told < len(STORY) else CALL)
    kind = said.setdefault("record_kind", "lead")
    record_id = f"{'006' if kind == 'opportunity' else '00Q'}{lead}"
    match said["type"]:
        case "lead_created":
            said |= {"email": _email(lead), "company": f"Acme {lead}", "industry": "machinery"}
        case "assigned":
            said["owner_id"] = f"rep{told % 7}"
        case "activity_logged":
            said["actor_id"] = f"rep{told % 7}"
        case "converted":
            said |= {"lead_id": record_id, "contact_id": f"003{lead}"}
        case "opportunity_created":
            said |= {"lead_id": f"00Q{lead}", "primary_contact_id": f"003{lead}"}
    return {"record_id": record_id, **said}


def _email(lead: str) -> str:
    return f"p{lead}@acme{hash_of(lead) % 500}.example"


def hash_of(text: str) -> int:
    return sum(map(ord, text))


def produce(bootstrap_servers: str, topics: dict[str, str], events: Iterable[Encoded]) -> None:
    """In order, `topics` by web, form and crm; returns when all are acknowledged."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap_servers,
            "partitioner": "murmur2_random",
            "linger.ms": 5,
            "queue.buffering.max.messages": 2_000_000,
        }
    )
    for event in events:
        while True:
            with suppress(BufferError):
                producer.produce(topics[event.topic], event.value, event.key)
                break
            producer.poll(0.1)
    if left := producer.flush(60):
        raise SystemExit(f"Kafka did not take {left} events within 60 s")
