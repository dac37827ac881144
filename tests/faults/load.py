"""What the matrix sends: people whose identities collide, plain traffic, poison in every topic, and marks.

A mark is an event that is alone with its key and names itself in all that follows from it, so one can see how far it
came. A load is the same bytes in the same partitions each time, so what is refused is refused at the same offsets.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from typing import Any, Literal

from deploy.demo.faults import bad_message
from schemas.codec import Codec
from streams.model import DAY, Record
from tests.bench.events import START, mix
from tests.whole.crowd import crowd

Kind = Literal["good", "poison", "mark"]

_EACH_SEED = 100_000  # events; half of them of a crowd, half of the benchmark's mix
_POISON, _MARK = 0.02, 0.03
_NO_KEY = 0.01  # as of producers that know none: it lies in any partition
_INTERNAL = ("identity", "lead", "links", "rekey_devices", "rekey_records")
_NAMES = ("event_id", "anonymous_id", "session_id", "record_id", "lead_id", "contact_id", "other_record_id")
_TOO_LARGE = b"\x00" + b"x" * 150_000


@dataclass(frozen=True, slots=True)
class Event:
    """`topic`: web, form, crm or the field's name of an internal one. `partition` None: by its key."""

    topic: str
    key: bytes | None
    value: bytes | None
    kind: Kind = "good"
    mark: str = ""
    partition: int | None = None


def load(events: int, seed: int, registry_url: str | None = None) -> list[Event]:
    """So many events, poison and marks among them."""
    codec, made = Codec(registry_url), list[Event]()
    for part, start in enumerate(range(0, events, _EACH_SEED)):
        made += _of_seed(codec, min(_EACH_SEED, events - start), seed + part)
    return made


def _of_seed(codec: Codec, events: int, seed: int) -> Iterator[Event]:
    random = Random(seed)
    people = cycle(crowd(seed))
    half = events // 2
    told = [_told(codec, f"{seed}", *each) for each in mix(events - half, seed)]
    for one in islice(people, half):
        if one.record is None or one.fault:
            value = codec.encode(f"events/{one.topic}", one.record) if one.record else one.raw
            told.append(Event(one.topic, one.key, value, "poison"))
        else:
            told.append(_told(codec, f"{seed}", one.topic, one.key, dict(one.record)))
    random.shuffle(told)
    for number, event in enumerate(told):
        chance = random.random()
        if chance < _POISON:
            yield _poison(codec, random, number)
        elif chance < _POISON + _MARK:
            yield _mark(codec, seed, number)
        elif chance < _POISON + _MARK + _NO_KEY and event.kind == "good":
            yield Event(event.topic, None, event.value, partition=zlib.crc32(event.value or b""))
        else:
            yield event


def _told(codec: Codec, prefix: str, topic: str, key: bytes | None, record: Record) -> Event:
    """Seeds use the same names for other people; here they are told apart, but by address they may meet."""
    renamed: dict[str, Any] = dict(record)
    for name in _NAMES:
        if name in renamed:
            renamed[name] = _renamed(prefix, renamed[name])
    if renamed.get("primary_contact_id"):
        renamed["primary_contact_id"] = _renamed(prefix, renamed["primary_contact_id"])
    if renamed.get("contacts"):
        contacts = renamed["contacts"]
        renamed["contacts"] = [{**each, "contact_id": _renamed(prefix, each["contact_id"])} for each in contacts]
    by = None if key is None else _renamed(prefix, key.decode()).encode()
    return Event(topic, by, codec.encode(f"events/{topic}", renamed))


def _renamed(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if name and "@" not in name else name


def _poison(codec: Codec, random: Random, number: int) -> Event:
    if number % 20 == 0:
        topic, size = random.choice(_INTERNAL), random.choice((0, 3, 40))
        return Event(topic, b"poison", b"\xef" + random.randbytes(size), "poison", partition=0)
    if number % 50 == 1:
        return Event(random.choice(("web", "form", "crm")), b"poison", _TOO_LARGE, "poison")
    if number % 5 == 2:  # one that nobody has asked the registry for yet
        unknown = b"\x00\x7f" + number.to_bytes(3, "big") + random.randbytes(20)
        return Event(random.choice(("web", "form", "crm")), b"poison", unknown, "poison")
    bad = bad_message(random, START + number)
    value = codec.encode(f"events/{bad.topic}", bad.record) if bad.record else bad.raw
    return Event(bad.topic, bad.key, value, "poison")


def _mark(codec: Codec, seed: int, number: int) -> Event:
    topic = ("web", "form", "crm")[number % 3]
    name = f"mark-{topic}-{seed:03}-{number:06}"
    base = {"event_id": name, "source": "marks", "occurred_at": START + number * DAY // 1000}
    match topic:
        case "web":
            record = {**base, "type": "page_view", "anonymous_id": name, "session_id": "s"}
        case "form":
            own = {"anonymous_id": name, "email": f"{name}@marks.example", "form_kind": "contact"}
            record = {**base, "type": "form_submitted", **own}
        case _:
            record = {**base, "type": "lead_created", "record_kind": "lead", "record_id": name}
    return Event(topic, name.encode(), codec.encode(f"events/{topic}", record), "mark", name)
