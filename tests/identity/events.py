"""Source records as the codec decodes them: every field of the schema, most without a value."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from streams.model import DAY, Record

SCHEMAS = Path(__file__).parents[2] / "schemas"
START = 20_000 * DAY
EMAIL_KEY = b"a key of tests"


@cache
def _defaults(name: str) -> dict[str, Any]:
    schema = json.loads((SCHEMAS / "events" / f"{name}.avsc").read_text())
    return {field["name"]: field.get("default") for field in schema["fields"]}


def record(topic: str, at: int, **fields: Any) -> Record:
    made = {**_defaults(topic), "source": "site", "occurred_at": START + at, **fields}
    unknown = fields.keys() - _defaults(topic).keys()
    assert not unknown, unknown
    return made


def web(device: str, session: str | None, at: int, **fields: Any) -> Record:
    kind = "identify" if fields.get("email") else "page_view"
    return record("web", at, **{"type": kind, "anonymous_id": device, "session_id": session, **fields})


def form(device: str | None, email: str | None, at: int, **fields: Any) -> Record:
    named = {"type": "form_submitted", "form_kind": "content", "anonymous_id": device, "email": email}
    return record("form", at, **{**named, **fields})


def crm(kind: str, record_id: str, type_: str, at: int, **fields: Any) -> Record:
    return record("crm", at, source="crm", record_kind=kind, record_id=record_id, type=type_, **fields)
