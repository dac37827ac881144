"""Which values the fields of an event can have at all: what conditions are judged by before anything has happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from streams.definition.match import PERSONAL
from streams.definition.model import Definition
from streams.judge import TYPES
from streams.model import Value


class Domain(NamedTuple):
    """Texts or numbers of any kind (and none), or only these `values` (None: none)."""

    kind: Literal["text", "number", "finite"]
    values: tuple[Value | None, ...] = ()


Fields = Mapping[str, Domain]
TEXT, NUMBER, NEVER = Domain("text"), Domain("number"), Domain("finite", (None,))
SESSION = "session"  # what becomes of a device's page views
_IN_STEAD = {"web": frozenset({SESSION})}
_OF_SESSION = {"pages": NUMBER, "pricing_pages": NUMBER, "demo_pages": NUMBER, "referrer_host": TEXT}
_OF_FORM = {"email_domain": TEXT, "referrer_host": TEXT}
_OF_RECORD = {
    "email_domain": TEXT,
    "open_deals": NUMBER,
    "live_records": NUMBER,
    "opts_out": Domain("finite", (True, None)),
    "deal_step": NEVER,
    "deal_kind_then": Domain("finite", ("new_business", "renewal", "expansion", None)),
    "owner_change": Domain("finite", ("found", "taken", "given", "passed_on", "put_back", None)),
}
_STEPS = {
    "opportunity_created": ("opened", "moved", "same", None),
    "opportunity_stage_changed": ("opened", "moved", "same", None),
    "opportunity_won": ("won", None),
    "opportunity_lost": ("lost", None),
}
_OF_PROFILE = ("company", "industry", "region", "country", "job_title", "department", "email_domain")


def of_events(definition: Definition) -> dict[str, Fields]:
    """By event type; a field that is missing there is one that such an event never has."""
    becomes = Domain("finite", (*sorted(set(definition.statuses.values())), None))
    besides: dict[str, dict[str, Domain]] = {
        "web": _OF_SESSION,
        "form": _OF_FORM,
        "crm": {**_OF_RECORD, "becomes": becomes},
    }
    found: dict[str, Fields] = {}
    for topic, types in TYPES.items():
        for kind in _IN_STEAD.get(topic, types):
            steps = {"deal_step": Domain("finite", _STEPS[kind])} if kind in _STEPS else {}
            found[kind] = {**_declared(topic), **besides[topic], **steps, "type": Domain("finite", (kind,))}
    return found


def of_leads(definition: Definition) -> Fields:
    """What is known of a lead: who it is, and for a due time also how hot, and where from."""
    bands = Domain("finite", ("", *(band.name for band in definition.size_bands)))
    profile = dict.fromkeys(_OF_PROFILE, TEXT)
    return {
        **profile,
        "size_band": bands,
        "score": NUMBER,
        "hot": Domain("finite", (True, False)),
        "origin": TEXT,
        "channel": TEXT,
    }


@cache
def _declared(topic: str) -> dict[str, Domain]:
    schema = json.loads(files("schemas").joinpath("events", f"{topic}.avsc").read_text(encoding="utf-8"))
    return {field["name"]: _domain(field["type"]) for field in schema["fields"] if field["name"] not in PERSONAL}


def _domain(declared: Any) -> Domain:
    one = declared[1] if isinstance(declared, list) else declared
    if isinstance(one, dict) and one["type"] == "enum":
        return Domain("finite", (*one["symbols"], None))
    if one == "boolean":
        return Domain("finite", (True, False, None))
    if one == "double" or (isinstance(one, dict) and one["type"] == "long"):
        return NUMBER
    return TEXT
