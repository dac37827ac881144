"""Alerts from real workers, a real Kafka and the real engine: whoever is killed whenever, each change is said once."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pytest
from confluent_kafka import Producer

from schemas.codec import Codec
from sinks.clock import reset_clock, set_clock
from streams.alert import Alert
from streams.model import MINUTE, SECOND
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company, company_on
from tests.support.kafka import TestBroker, consume
from tests.support.observed import Observed

START = int(datetime(2026, 3, 2, 10, 30, tzinfo=UTC).timestamp()) * SECOND  # a Monday
N = 6
pytestmark = pytest.mark.slow


class Funnel:
    """A company whose clock the test moves. Persons are numbers; each sends a form that asks for a call: from then on
    operations owe an owner within 5 minutes (warned after 3:45), and the data a CRM record within 15 (11:15)."""

    def __init__(self, company: Company) -> None:
        self.company = company
        company.environment |= {
            "FUNNELWATCH_ALERT_EVERY": "300ms",
            "FUNNELWATCH_CRM_URL": "https://crm.example/{id}",
        }
        self._codec = Codec(None)
        self._producer = Producer(
            {"bootstrap.servers": company.broker.bootstrap_servers, "partitioner": "murmur2_random"}
        )
        self._client = company.clickhouse.client()
        self.at(0)

    def close(self) -> None:
        reset_clock(self._client)
        self._client.close()

    def at(self, minutes: float) -> None:
        """Boards' time, from which it goes on as fast as ours."""
        set_clock(self._client, time.time_ns() // 1000, START + round(minutes * MINUTE), 1.0)

    def forms(self, persons: Iterable[int], minutes: float = 0) -> None:
        for person in persons:
            email = f"p{person}@acme{person}.example"
            record = {"type": "form_submitted", "email": email, "form_kind": "demo_request", "source": "site"}
            self._send("form", email, record, minutes)

    def routed(self, persons: Iterable[int], minutes: float, arrives: float | None = None) -> None:
        """In the CRM, and somebody's."""
        for person in persons:
            record = {
                "type": "lead_created",
                "record_kind": "lead",
                "record_id": f"00Q{person}",
                "email": f"p{person}@acme{person}.example",
                "owner_id": "ann",
                "owner_kind": "person",
                "source": "salesforce",
            }
            self._send("crm", f"00Q{person}", record, minutes, arrives)

    def bustle(self, minutes: Iterable[float]) -> None:
        """What the CRM says all the time."""
        for minute in minutes:
            record = {
                "type": "campaign_response",
                "record_kind": "lead",
                "record_id": "00Qbusy",
                "source": "salesforce",
            }
            self._send("crm", "00Qbusy", record, minute)

    def leads(self, count: int) -> None:
        self.company.wait(lambda: self.company.query("SELECT count() FROM leads") == [(count,)], f"{count} leads")

    def said(self) -> list[tuple[str, Alert]]:
        records = [(one.key(), one.value()) for one in consume(self.company.broker, self.company.leaks)]
        read = self._codec.decode
        return [((key or b"").decode(), Alert(**read("outputs/leaks", value))) for key, value in records if value]

    def changes(self, kind: str) -> Counter[str]:
        return Counter(alert.change for _, alert in self.said() if alert.kind == kind)

    def wait_for(self, kind: str, **changes: int) -> None:
        self.company.wait(lambda: self.changes(kind) == changes, f"{kind}: {changes}")

    def sources(self) -> list[tuple[str, int]]:
        return [(alert.change, alert.held_count) for key, alert in self.said() if key.startswith("held/")]

    def stays(self, seconds: float = 2.0) -> None:
        """Nothing more is said."""
        before = len(self.said())
        time.sleep(seconds)
        assert len(self.said()) == before

    def _send(self, topic: str, key: str, record: dict[str, str], minutes: float, arrives: float | None = None) -> None:
        occurred = START + round(minutes * MINUTE)
        value = self._codec.encode(f"events/{topic}", {**record, "occurred_at": occurred})
        appended = occurred if arrives is None else START + round(arrives * MINUTE)
        self._producer.produce(self.company.topics[topic], value, key.encode(), timestamp=appended // 1000)
        assert self._producer.flush(30) == 0


@contextmanager
def funnel_on(kafka: TestBroker, clickhouse: LocalClickHouse, folder: Path) -> Iterator[Funnel]:
    with company_on(kafka, clickhouse, folder) as company:
        funnel = Funnel(company)
        try:
            yield funnel
        finally:
            funnel.close()


def killed_at(company: Company, point: str) -> None:
    """A worker that dies by itself at that point of its first look."""
    company.environment["FUNNELWATCH_TEST_FAILPOINT"] = f"alerts:{point}:1"
    worker = company.spawn("worker")
    assert worker.wait(60) == -signal.SIGKILL, company.log()
    del company.environment["FUNNELWATCH_TEST_FAILPOINT"]


def test_each_change_is_said_once_whenever_the_worker_is_killed(
    any_broker: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    with funnel_on(any_broker, clickhouse, tmp_path) as funnel:
        company = funnel.company
        funnel.forms(range(N))
        company.start_worker()
        funnel.leads(N)
        funnel.at(4)
        funnel.wait_for("unrouted", warned=N)
        company.kill_worker()

        funnel.at(5.5)  # it becomes due while nobody is there, and whoever comes is killed before and after saying so
        killed_at(company, "decided")
        assert funnel.changes("unrouted") == {"warned": N}
        killed_at(company, "said")
        assert funnel.changes("unrouted") == {"warned": N, "leaking": N}
        company.start_worker()
        funnel.routed(range(2), 6)
        funnel.at(6.5)
        funnel.wait_for("unrouted", warned=N, leaking=N, recovered=2)
        company.kill_worker()

        # While it is down: for 2 and 3 all that was owed is late, for 4 and 5 nothing comes at all.
        funnel.routed((2, 3), 16)
        funnel.at(20)
        company.start_worker()
        funnel.wait_for("unrouted", warned=N, leaking=N, recovered=4)
        funnel.wait_for("capture_gap", leaking=N - 2, recovered=2)
        company.kill_worker()
        company.start_worker()
        company.wait(lambda: company.log().count("alerts are told by this worker") == 6, "the next one's turn")
        funnel.stays()

        said = funnel.said()
        assert len({(key, alert.change, alert.at) for key, alert in said}) == len(said)
        for key, alert in said:
            expected = {"warned": alert.warn_at, "leaking": alert.due_at}.get(alert.change, alert.settled_at)
            assert alert.at == expected
            assert alert.change not in ("warned", "leaking") or alert.at <= alert.data_until
            assert key == f"{alert.lead_id}/{alert.kind}/{alert.cause}"
            assert alert.verdict == (alert.owed_by if alert.change == "leaking" else "")
        late = [alert for _, alert in said if alert.change == "recovered"]
        assert {alert.settled_at for alert in late} == {START + 6 * MINUTE, START + 16 * MINUTE}
        known = {"", *(f"https://crm.example/00Q{person}" for person in range(4))}
        assert {alert.link for alert in late} <= known, "its lead's row may come a moment later than its obligation's"
        owed = company.query("SELECT verdict, count() FROM verdicts GROUP BY ALL ORDER BY ALL")
        assert owed == [("data", 2), ("operations", 2)]

        lines = company.run("alerts").stdout.splitlines()
        assert len(lines) == len(said)
        assert re.match(
            r"2026-03-02 10:35  leaking    unrouted of L\w{16} \(operations\); operations: it was", lines[N]
        )
        told = [json.loads(line) for line in company.run("alerts", "--json").stdout.splitlines()]
        assert {one["due_at"] for one in told} == {"2026-03-02T10:35:00.000Z", "2026-03-02T10:45:00.000Z"}


def test_another_worker_takes_over(kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path) -> None:
    with funnel_on(kafka, clickhouse, tmp_path) as funnel:
        company = funnel.company
        workers: dict[subprocess.Popen[bytes], Observed] = {}
        for count, name in enumerate(("one", "two"), 1):
            company.environment["FUNNELWATCH_DATA_DIR"] = str(tmp_path / name)
            process = company.spawn("worker")
            company.wait(lambda: company.log().count("metrics and health") == count, "its health")  # noqa: B023
            workers[process] = Observed(company.health())
        funnel.forms(range(N))
        funnel.leads(N)
        funnel.at(4)
        funnel.wait_for("unrouted", warned=N)
        teller = _teller(workers)
        teller.send_signal(signal.SIGSTOP)  # a zombie: it does not know that it lost its partitions
        funnel.at(5.5)
        company.wait(lambda: funnel.changes("unrouted")["leaking"] >= N, "leaking, told by the other")
        teller.send_signal(signal.SIGCONT)
        funnel.at(7)
        funnel.stays(8)
        left = [process for process in workers if process.poll() is None]
        for process in left:
            process.terminate()
        assert {process.wait(60) for process in left} <= {0, 1}, company.log()
        said = funnel.said()
        for told in {key for key, _ in said}:  # while two tell, each may say it
            assert [change for change, _ in groupby(one.change for key, one in said if key == told)] == [
                "warned",
                "leaking",
            ]


def _teller(workers: dict[subprocess.Popen[bytes], Observed]) -> subprocess.Popen[bytes]:
    (found,) = [process for process, observed in workers.items() if observed.metric("alerts_total")]
    return found


def test_while_the_crm_is_silent_nobody_is_accused(
    kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    with funnel_on(kafka, clickhouse, tmp_path) as funnel:
        company = funnel.company
        funnel.bustle(minute / 2 for minute in range(-40, 1))
        funnel.forms(range(N), 2)
        company.start_worker()
        funnel.leads(N + 1)
        funnel.at(8)  # the CRM's last word is 8 minutes old, which may be
        funnel.wait_for("unrouted", leaking=N)
        funnel.forms(range(N, 2 * N), 8)
        funnel.leads(2 * N + 1)
        funnel.at(20)  # now it is 20 minutes old, and was never more than 30 seconds
        company.wait(lambda: len(funnel.sources()) > 0, "held")
        observed = Observed(company.health())
        company.wait(lambda: observed.metric("alerts_held") == 2 * N, "all held")
        assert funnel.changes("unrouted")["leaking"] == N
        ((name, is_silent),) = company.query("SELECT source, is_silent FROM sources WHERE brings = 'crm'")
        assert (name, is_silent) == ("salesforce", 1)
        assert company.query(
            "SELECT verdict, count() FROM verdicts WHERE kind = 'unrouted' GROUP BY ALL ORDER BY ALL"
        ) == [("data", 2 * N)]
        company.kill_worker()
        company.start_worker()
        company.wait(lambda: company.log().count("alerts are told by this worker") == 2, "the next one's turn")
        funnel.stays()

        # The connector is back: two were routed in time, and nobody knew; the others were not.
        funnel.at(25)
        funnel.routed((N, N + 1), 9)  # 16 minutes ago: it is still behind
        routed = "SELECT count() FROM obligations WHERE kind = 'unrouted' AND state = 'met'"
        company.wait(lambda: company.query(routed) == [(2,)], "routed in time")
        funnel.bustle([25.5])
        funnel.at(26)
        company.wait(lambda: funnel.sources()[-1][0] == "released", "released")
        funnel.wait_for("unrouted", leaking=2 * N - 2)
        verdicts = {
            alert.verdict for _, alert in funnel.said() if (alert.kind, alert.change) == ("unrouted", "leaking")
        }
        assert verdicts == {"operations"}


def test_without_clickhouse_it_waits_and_lanes_are_not_held_up(
    kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    with funnel_on(kafka, clickhouse, tmp_path) as funnel:
        company = funnel.company
        funnel.forms(range(N))
        company.start_worker()
        funnel.leads(N)
        funnel.at(4)
        funnel.wait_for("unrouted", warned=N)
        observed = Observed(company.health())
        clickhouse.kill()
        try:
            company.wait(lambda: observed.metric("alerts_waiting") == 1, "waiting")
            alive = observed.ask("/livez")
            assert alive is not None and alive[0] == 200
        finally:
            clickhouse.start()
        funnel.at(5.5)
        funnel.wait_for("unrouted", warned=N, leaking=N)
        company.wait(lambda: observed.metric("alerts_waiting") == 0, "not waiting any more")
        assert company.log().count("alerts wait") == 1
