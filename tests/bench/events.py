"""The benchmark's events: 80 % web, 5 % form, 15 % CRM; one web event in twenty is of a known person."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from schemas.codec import Codec
from tests.support.company import Company
from tests.support.kafka import produce

START = 1_750_000_000_000_000
SPREAD = 90 * 86_400_000_000
PAGES = ("pricing", "demo", "product", "blog", None)


def produce_mix(company: Company, count: int, seed: int) -> None:
    """Into the company's topics, one after the other."""
    codec = Codec(None)
    mixed = list(mix(count, seed))
    for topic, name in company.topics.items():
        made = ((key, codec.encode(f"events/{topic}", record)) for kind, key, record in mixed if kind == topic)
        produce(company.broker, name, made)


def mix(count: int, seed: int) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """topic, key, record."""
    rng = Random(seed)
    people = max(10, count // 10)
    for number in range(count):
        at = START + rng.randrange(SPREAD)
        base = {"event_id": str(number), "source": "bench", "occurred_at": at, "recorded_at": at}
        chance = rng.random()
        if chance < 0.80:
            known = rng.random() < 0.05
            device = f"known{rng.randrange(people)}" if known else f"visitor{rng.randrange(count // 4 + 1)}"
            yield "web", device.encode(), _web(base, device, rng)
        elif chance < 0.85:
            yield "form", *_form(base, rng.randrange(people), rng)
        else:
            yield "crm", *_crm(base, rng.randrange(people), rng)


def _web(base: dict[str, Any], device: str, rng: Random) -> dict[str, Any]:
    return {
        **base,
        "type": "page_view",
        "anonymous_id": device,
        "session_id": f"{device}-{base['occurred_at'] // 86_400_000_000}",
        "url": "https://www.example.com/product?x=1",
        "referrer": "https://www.google.com/",
        "page_kind": rng.choice(PAGES),
    }


def _form(base: dict[str, Any], person: int, rng: Random) -> tuple[bytes, dict[str, Any]]:
    device = f"known{person}"
    record = {
        **base,
        "type": "form_submitted",
        "anonymous_id": device,
        "email": f"p{person}@acme{person % 500}.example",
        "form_kind": rng.choice(("demo_request", "content")),
        "company_size": "200",
        "industry": "machinery",
    }
    return device.encode(), record


def _crm(base: dict[str, Any], person: int, rng: Random) -> tuple[bytes, dict[str, Any]]:
    record = {
        **base,
        "record_kind": "lead",
        "record_id": f"00Q{person}",
        "email": f"p{person}@acme{person % 500}.example",
    }
    said = rng.choice(
        (
            {"type": "lead_created", "status": "New"},
            {"type": "assigned", "owner_id": f"rep{person % 7}", "owner_kind": "person"},
            {"type": "status_changed", "status": "MQL"},
            {
                "type": "activity_logged",
                "activity_kind": "call",
                "activity_direction": "outbound",
                "activity_human": True,
                "actor_role": "sales",
                "actor_id": f"rep{person % 7}",
            },
        )
    )
    return f"00Q{person}".encode(), {**record, **said}
