"""What stands in no log line and in no metric: anything of a person, whatever is sent, and whatever goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from schemas import catalog
from schemas.codec import Codec
from streams.topics import Topics
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company, company_on
from tests.support.kafka import TestBroker, produce
from tests.support.observed import Observed

MARKER = "zzmarkerzz"
EMAIL = f"Jane.{MARKER}@acme-{MARKER}.example"
AT = 1_700_000_000_000_000
TYPES = {"web": "identify", "form": "form_submitted", "crm": "lead_created"}
pytestmark = pytest.mark.slow


def telling(topic: str) -> dict[str, Any]:
    """An event whose every text speaks of Jane."""
    fields = catalog.current(f"events/{topic}")["fields"]
    texts = [one["name"] for one in fields if one["type"] in ("string", ["null", "string"])]
    urls, mails = ("url", "referrer"), ("email", "anonymous_id", "session_id")
    told = {name: f"{MARKER} {name}" for name in texts}
    told |= {name: f"https://acme.example/{MARKER}?email={EMAIL}" for name in urls if name in texts}
    told |= {name: EMAIL for name in mails if name in texts}
    if topic == "crm":
        told |= {"record_kind": "lead"}
    return {**told, "type": TYPES[topic], "occurred_at": AT}


def malformed(codec: Codec, topic: str) -> list[tuple[bytes, bytes | None]]:
    """One for each reason that a record of a source topic may be refused for."""
    event, schema = telling(topic), f"events/{topic}"
    texts = [
        f"{MARKER} is not Avro".encode(),
        b"\x00\x00\x00\xff\xff" + MARKER.encode(),
        b"\x00\x00\x00\x00\x01" + MARKER.encode(),
        codec.encode(schema, {**event, "type": f"{MARKER} of {EMAIL}"}),
        codec.encode(schema, {**event, "occurred_at": 17}),
        codec.encode(schema, {**event, "source": f"{EMAIL} " * 50}),
        codec.encode(schema, {**event, "event_id": f"{EMAIL} " * 5_000}),
    ]
    return [(EMAIL.encode(), text) for text in texts] + [(EMAIL.encode(), None)]


def crm(codec: Codec, **fields: str) -> tuple[bytes, bytes]:
    record = {**telling("crm"), "record_id": f"00Q {MARKER}", **fields}
    return record["record_id"].encode(), codec.encode("events/crm", record)


def test_no_value_of_an_event_is_logged_or_measured(
    kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    codec = Codec(None)
    with company_on(kafka, clickhouse, tmp_path) as company:
        company.environment |= {"FUNNELWATCH_LOG_LEVEL": "DEBUG", "FUNNELWATCH_LOG_FORMAT": "json"}
        refused = 0
        for topic, name in company.topics.items():
            bad = malformed(codec, topic)
            refused += len(bad)
            produce(kafka, name, bad)
        produce(kafka, company.topics["web"], [(EMAIL.encode(), codec.encode("events/web", telling("web")))])
        produce(kafka, company.topics["form"], [(EMAIL.encode(), codec.encode("events/form", telling("form")))])
        produce(kafka, company.topics["crm"], [crm(codec)])
        for internal in Topics("", "", "", company.generation).internal:
            produce(kafka, internal, [(EMAIL.encode(), f"{MARKER} is no message".encode())])
            refused += 1

        worker = _stumbling(company)
        observed = Observed(company.health())
        company.wait(lambda: observed.metric("rejects_total") == refused, "all rejects")
        one = "SELECT uniqExact(lead_id), count(), (SELECT count() FROM boards.leads) FROM boards.lead_identifiers"
        company.wait(lambda: company.query(one) == [(1, 2, 1)], "the lead of both, form and record")
        exposition = observed.exposition()
        produce(kafka, company.topics["crm"], [crm(codec, event_id="2", type="campaign_response", campaign="stumble")])
        assert worker.wait(60) == 1

        log = (tmp_path / "worker.log").read_text()
        lines = [json.loads(line) for line in log.splitlines()]
        assert MARKER not in log.lower()
        assert MARKER not in exposition.lower()
        assert {line["reason"] for line in lines if "reason" in line} >= {"not_avro", "unknown_type", "impossible_time"}
        last = lines[-1]
        assert (last["level"], last["step"], last["error"]) == ("CRITICAL", "journey", "KeyError")
        assert last["topic"].endswith(".lead.events") and last["offset"] >= 0
        assert (last["lead"],) in company.query("SELECT lead_id FROM boards.leads")
        assert any("streams/worker/lane.py" in frame for frame in last["frames"])


def _stumbling(company: Company) -> subprocess.Popen[bytes]:
    """Not as company.worker: it may end."""
    with (company.folder / "worker.log").open("ab") as log:
        command = [sys.executable, "-m", "tests.worker.stumbling"]
        return subprocess.Popen(command, env={**os.environ, **company.environment}, stdout=log, stderr=log)
