"""A worker as those see it who have to keep it running: it says what it does while it does it, and why it waits."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from schemas.codec import Codec
from streams.worker.flush import IN_TRANSACTION
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company, company_on
from tests.support.kafka import TestBroker, produce
from tests.support.observed import LOOPBACK, Observed, listening

GOOD, BAD, LATER = 200, 7, 50
AT = 1_700_000_000_000_000
pytestmark = pytest.mark.slow


def good(codec: Codec, topic: str, n: int) -> tuple[bytes, bytes]:
    base = {"event_id": f"{topic}-{n}", "source": "test", "occurred_at": AT + n}
    key, record = {
        "web": (f"device{n}", {"type": "page_view", "anonymous_id": f"device{n}", "session_id": "s"}),
        "form": (
            f"p{n}@acme.example",
            {"type": "form_submitted", "email": f"p{n}@acme.example", "form_kind": "contact"},
        ),
        "crm": (f"00Q{n}", {"type": "lead_created", "record_kind": "lead", "record_id": f"00Q{n}"}),
    }[topic]
    return key.encode(), codec.encode(f"events/{topic}", {**base, **record})


def started(company: Company, observed: Observed) -> tuple[int, dict[str, object]]:
    """Starts the worker; the first answer of /readyz, which was asked before the worker could answer."""
    company.start_worker()
    answers: list[tuple[int, dict[str, object]]] = []

    def answered() -> bool:
        if (answer := observed.ask("/readyz")) is not None:
            answers.append(answer)
        return bool(answers)

    company.wait(answered, "an answer")
    return answers[0]


def is_ready(observed: Observed) -> bool:
    answer = observed.ask("/readyz")
    return answer is not None and answer[0] == 200


def test_a_worker_is_watched_while_it_works(kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path) -> None:
    codec = Codec(None)
    with company_on(kafka, clickhouse, tmp_path) as company:
        topics = company.topics
        for topic, name in topics.items():
            produce(kafka, name, [good(codec, topic, n) for n in range(GOOD)])
            produce(kafka, name, [(b"k", b"garbage"), (b"k", None)] * BAD)
        port = free_port()
        company.environment["FUNNELWATCH_HEALTH_PORT"] = str(port)
        observed = Observed(f"http://{LOOPBACK}:{port}")

        status, body = started(company, observed)
        assert status == 503 and body["reason"] == "the group has not given any partitions yet"
        company.wait(lambda: is_ready(observed), "ready")
        company.wait(lambda: company.query("SELECT count() FROM boards.leads") == [(2 * GOOD,)], "all leads")
        company.wait(lambda: observed.metric("lag_records") == observed.metric("uncommitted_records") == 0, "no lag")

        assert observed.ask("/livez") == (200, {"status": "alive"})
        for name in topics.values():
            assert observed.metric("events_total", topic=name) == GOOD + 2 * BAD
            assert observed.metric("rejects_total", topic=name, reason="not_avro") == BAD
            assert observed.metric("rejects_total", topic=name, reason="empty_value") == BAD
        assert observed.metric("rejects_total") == 6 * BAD
        for step in ("sessionize", "route", "identify", "journey"):
            events = observed.metric("events_total", step=step)
            assert events == observed.metric("freshness_seconds_count", step=step)
            assert events == observed.metric("flush_records_sum", step=step)
            flushes = observed.metric("flush_seconds_count", step=step)
            for phase in IN_TRANSACTION[1:]:
                assert observed.metric("flush_phase_seconds_count", step=step, phase=phase) == flushes
        assert observed.metric("insert_rows_sum", table="rejects") == 6 * BAD
        assert observed.metric("table_keys", table="sessionize") == pytest.approx(2 * GOOD, rel=0.1), "an estimate"
        assert observed.metric("states_cached", step="sessionize") == 2 * GOOD
        assert observed.metric("lag_seconds") == 0.0
        assert observed.metric("build_info", generation=str(company.generation)) == 1
        assert observed.metric("in_recovery") == observed.metric("recovery_remaining_records") == 0

        assert company.worker is not None
        assert listening(company.worker.pid) == {(LOOPBACK, port)}, "Faust's own server shows tables to anyone"
        taken = company.run("worker", check=False)
        assert (taken.returncode, taken.stderr.count("\n")) == (2, 1)
        assert f"FUNNELWATCH_HEALTH_PORT={port}: taken on 127.0.0.1 already" in taken.stderr

        clickhouse.kill()
        produce(kafka, topics["crm"], [good(codec, "crm", GOOD + n) for n in range(LATER)])
        company.wait(lambda: observed.metric("sink_away") == 1, "away")
        alive = observed.ask("/livez")
        assert alive is not None and alive[0] == 200 and "ClickHouse has been away for" in alive[1]["reason"]
        company.wait(lambda: (observed.metric("lag_seconds", step="journey") or 0) > 0, "older and older")
        clickhouse.start()
        company.wait(lambda: observed.metric("sink_away") == 0, "back")
        company.wait(lambda: company.query("SELECT count() FROM boards.leads") == [(2 * GOOD + LATER,)], "later leads")
        company.wait(lambda: observed.metric("lag_records") == observed.metric("uncommitted_records") == 0, "caught up")
        assert observed.metric("events_total", topic=topics["crm"]) == GOOD + 2 * BAD + LATER
        assert (observed.metric("insert_retries_total") or 0) > 0

        company.stop_worker()
        shutil.rmtree(tmp_path / "data")
        assert started(company, observed)[0] == 503
        company.wait(lambda: is_ready(observed), "ready again")
        assert observed.metric("recovered_records_total", table="sessionize") == 2 * GOOD
        company.wait(lambda: observed.metric("lag_records") == 0, "no lag again")
        log = company.log()
        for said in ("assigned ", "recovered: ", "rejected: not_avro", "ClickHouse takes rows again, after"):
            assert said in log
