"""The channel of a visit or a response, by the definition's rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from streams.model import Value


@lru_cache(10_000)
def referrer_host(referrer: Value, own_sites: tuple[str, ...]) -> str:
    """Host of a referrer, without www.; '' if it is no URL or a site of our own."""
    try:
        host = (urlsplit(str(referrer)).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return "" if any(host == own or host.endswith("." + own) for own in own_sites) else host


def visit_facts(data: Mapping[str, Any], own_sites: tuple[str, ...]) -> dict[str, Value]:
    """What the channel rules look at, of the landing of a visit that belongs to no lead yet."""
    facts: dict[str, Value] = {name: value for name, value in data.items() if value is not None}
    facts.setdefault("type", "session")
    if host := referrer_host(facts.get("referrer", ""), own_sites):
        facts["referrer_host"] = host
    return facts
