"""`funnelwatch rejects show`: one refused message, as far as it can be read."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

from deploy.cli.errors import Failure
from deploy.identity.words import at
from deploy.rejects.boards import Known, Which, chosen
from deploy.rejects.kept import Kept
from deploy.rejects.look import reading
from deploy.rejects.place import Place
from deploy.settings import Settings
from deploy.worker import codec_of
from schemas.codec import Codec, Undecodable
from sinks.reader import BoardsReader
from streams.judge import EARLIEST, LATEST, is_cut
from streams.model import Record
from streams.reasons import REASONS

_DUMPED = 256  # bytes
_WIDTH = 16
_PRINTABLE = frozenset(string.printable.encode()) - frozenset(b"\t\n\r\x0b\x0c")
_TIMES = ("occurred_at", "recorded_at", "received_at")


def show(settings: Settings, place: Place) -> str:
    """The text for people. Raises Failure, KafkaUnavailable, RegistryError, QueryError."""
    with closing(BoardsReader(settings.boards_address)) as reader:
        known = _known(reader, place)
    codec = codec_of(settings)
    with closing(Kept(settings, codec, place.topic)) as kept, reading(kept.name) as told:
        for _, record in kept.find([known], told):
            return "\n".join([*_head(known), *_message(record, codec)])
        raise Failure(f"{place}: refused ({known.reason}: {known.detail}), but {kept.name} does not hold it any more")


def _known(reader: BoardsReader, place: Place) -> Known:
    for known in chosen(reader, Which(places=[place], retried_too=True)):
        return known
    raise Failure(f"{place} was never refused; funnelwatch rejects list --limit 20 says what was")


def _head(known: Known) -> Iterator[str]:
    yield f"{known.place}  {known.reason}: {known.detail}"
    if reason := REASONS.get(known.reason):
        yield f"  means      {reason.meaning}"
        yield f"  what to do {reason.what_to_do}"
    yield f"  in Kafka   {at(known.appended_at)}"
    yield f"  refused    {at(known.refused_at)}"
    yield f"  retried    {at(known.retried_at) if known.retried_at else 'not yet'}"


def _message(record: Record, codec: Codec) -> Iterator[str]:
    key, value = record["key"], record["value"]
    yield f"  key        {_key(key)}"
    if value is None:
        yield "  value      none"
        return
    cut = "; it was larger, only these are kept" if is_cut(key, value) else ""
    yield f"  value      {len(value)} bytes{cut}"
    try:
        name, event = codec.as_written(value)
    except Undecodable as error:
        yield f"  as Avro    {error}"
        yield from dump(value)
        return
    yield f"  as Avro    {name}"
    for field, content in event.items():
        if content is not None:
            yield f"    {field} = {_content(field, content)}"


def _key(key: bytes | None) -> str:
    if key is None:
        return "none"
    try:
        text = key[:_DUMPED].decode()
    except UnicodeDecodeError:
        return f"{len(key)} bytes, no UTF-8: {key[:_WIDTH].hex(' ')}"
    return json.dumps(text, ensure_ascii=False) + (f" … {len(key)} bytes" if len(key) > _DUMPED else "")


def _content(field: str, content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, default=repr)
    if len(text) > _DUMPED:
        text = f"{text[:_DUMPED]} … {len(text)} characters"
    if field in _TIMES and isinstance(content, int):
        plausible = EARLIEST <= content <= LATEST
        text += f"  ({at(datetime.fromtimestamp(content / 1e6, UTC)) if plausible else 'no time in microseconds'})"
    return text


def dump(value: bytes) -> Iterator[str]:
    """The first bytes, as hex and as ASCII."""
    for begin in range(0, min(len(value), _DUMPED), _WIDTH):
        part = value[begin : begin + _WIDTH]
        text = "".join(chr(byte) if byte in _PRINTABLE else "." for byte in part)
        yield f"    {begin:04x}  {part.hex(' '):<{_WIDTH * 3}} {text}"
    if len(value) > _DUMPED:
        yield f"    … {len(value) - _DUMPED} bytes more"
