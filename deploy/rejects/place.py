"""Where a refused message stands: TOPIC/PARTITION/OFFSET of the topic that it was read from."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from deploy import topics
from deploy.cli.errors import Failure
from deploy.settings import Settings

_SPELLED = re.compile(r"([\w.-]{1,249})/(\d{1,10})/(\d{1,19})", re.ASCII)
_INTERNAL = re.compile(r"funnelwatch\.g(\d{1,10})\..+")


class Place(NamedTuple):
    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


def spelled(text: str) -> Place:
    """Raises Failure."""
    found = _SPELLED.fullmatch(text.strip())
    if found is None:
        raise Failure(f"{text}: no place of a message; they are TOPIC/PARTITION/OFFSET, such as web.events/0/1234")
    return Place(found[1], int(found[2]), int(found[3]))


def is_internal(topic: str) -> bool:
    return _INTERNAL.fullmatch(topic) is not None


def rejected_topic(settings: Settings, topic: str) -> str:
    """Where what was refused of this topic is kept. Raises Failure."""
    known = topics.names(settings)
    if found := _INTERNAL.fullmatch(topic):
        return replace(known, generation=int(found[1])).rejected(topic)
    if topic not in known.sources:
        raise Failure(f"{topic} is no source topic by these settings; they are {', '.join(known.sources)}")
    return known.rejected(topic)
