"""One whole story of an operator's orders, through a real worker: together, apart, together again, forgotten."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sinks.tables import FACTS, IDENTITY_CHANGES
from streams.model import DAY, MINUTE, Record
from tests.golden.telling import HASHER, identifier
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company, company_on
from tests.support.in_memory import codec
from tests.support.kafka import TestBroker, produce

JANE, DESK = "jane@pike.example", "desk@pike.example"  # desk: the address of Jane's whole office
GONE = [identifier(text) for text in (f"email {JANE}", f"email {DESK}", "lead Q-JANE", "lead Q-JUNE", "contact C-JANE")]
TRACES = [one.partition(":")[2] for one in GONE] + [HASHER.lead_id(one) for one in GONE] + ["jane-laptop"]
VIEWS = (
    "leads lead_details stage_entries obligations touches visits visitors activities deals rejects lead_events"
    " lead_identifiers identities identity_links identity_changes closed_loop leak_rate"
)


def web(minute: int, what: str, of: str, **more: Any) -> tuple[str, int, Record]:
    device, session = of.split()
    return "web", minute, {"type": what, "source": "site", "anonymous_id": device, "session_id": session} | more


def crm(minute: int, what: str, of: str, **more: Any) -> tuple[str, int, Record]:
    kind, name = of.split()
    return "crm", minute, {"type": what, "source": "crm", "record_kind": kind, "record_id": name} | more


STORY = [
    web(0, "page_view", "jane-laptop s1", page_kind="pricing"),
    web(1, "identify", "jane-laptop s1", email=JANE),
    web(60, "page_view", "booth-tablet b1"),
    web(61, "identify", "booth-tablet b1", email=JANE),
    web(90, "page_view", "booth-tablet b2"),
    web(91, "identify", "booth-tablet b2", email="bob@kite.example"),
    crm(100, "lead_created", "lead Q-BOB", email="bob@kite.example"),
    crm(110, "lead_created", "lead Q-JANE", email=JANE, owner_id="nina"),
    crm(120, "lead_updated", "lead Q-JANE", email=DESK),
    crm(130, "lead_created", "lead Q-JUNE", email=DESK, owner_id="otto"),
    crm(140, "converted", "lead Q-JANE", contact_id="C-JANE", account_id="A-PIKE"),
    crm(150, "activity_logged", "contact C-JANE", activity_kind="call", actor_id="nina"),
    crm(160, "opportunity_created", "opportunity D-PIKE", lead_id="Q-JANE", account_id="A-PIKE", amount=900.0),
]
LATE = [
    web(170, "page_view", "jane-laptop s2"),
    web(171, "identify", "jane-laptop s2", email=JANE),
    crm(180, "lead_updated", "lead Q-JANE", email=JANE),
    crm(181, "merged", "lead Q-JUNE", other_record_id="Q-JANE"),
]


class Told:
    """What commands say, and what boards and tables hold."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.start = time.time_ns() // 1000 - DAY

    def tell(self, *arguments: str, code: int = 0) -> str:
        done = self.company.run(*arguments, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if done.stdout else done.stderr

    def send(self, story: list[tuple[str, int, Record]]) -> None:
        for topic, minute, record in story:
            record = {"event_id": f"{minute}", "occurred_at": self.start + minute * MINUTE, **record}
            key = record.get("anonymous_id") or record["record_id"]
            value = codec().encode(f"events/{topic}", record)
            produce(self.company.broker, self.company.topics[topic], [(key.encode(), value)])

    def leads(self) -> dict[str, set[str]]:
        """Identifiers by lead."""
        found: dict[str, set[str]] = {}
        for lead, name in self.company.query("SELECT lead_id, identifier FROM boards.lead_identifiers"):
            found.setdefault(lead, set()).add(name)
        return found

    def traces(self) -> dict[str, int]:
        """By table and view, how many rows tell of anybody who was to be forgotten."""
        words = ", ".join(f"'{word}'" for word in TRACES)
        where = f"WHERE multiSearchAny(toString(tuple(*)), [{words}])"
        found = {
            table.full_name: self.company.ask(
                f"SELECT count() FROM {table.full_name} FINAL {where} AND generation = {self.company.generation}"
            )[0][0]
            for table in (*FACTS, IDENTITY_CHANGES)
        }
        found |= {
            view: self.company.query(f"SELECT count() FROM boards.{view} {where}")[0][0] for view in VIEWS.split()
        }
        return {name: rows for name, rows in found.items() if rows}

    def bobs(self) -> list[tuple[Any, ...]]:
        bob = HASHER.lead_id(identifier("email bob@kite.example"))
        return self.company.query(f"SELECT * FROM boards.lead_events WHERE lead_id = '{bob}' ORDER BY cause")


@pytest.fixture
def told(embedded_broker: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path) -> Iterator[Told]:
    with company_on(embedded_broker, clickhouse, tmp_path) as company:
        company.start_worker()
        yield Told(company)


@pytest.mark.slow
def test_together_apart_together_again_and_forgotten(told: Told) -> None:
    told.send(STORY)
    jane, june = HASHER.lead_id(GONE[0]), HASHER.lead_id(identifier("lead Q-JUNE"))
    together = {*GONE}
    told.company.wait(lambda: told.leads().get(jane) == together and len(told.bobs()) == 2, "the story")

    shown = told.tell("identity", "show", DESK)
    assert "crm_contact C-JANE converted from crm_lead Q-JANE  [crm/140 converted]" in shown
    assert "crm_lead Q-JUNE has the address email" in told.tell("explain", "Q-JUNE")

    block = ("identity", "block", DESK, "--reason", "shared by the office", "--by", "ann")
    assert f"lead {jane} would fall apart into 3 people:" in told.tell(*block, "--dry-run")
    assert told.leads()[jane] == together
    said = told.tell(*block, "--wait")
    now = said.split("who is who now:")[1]
    assert f"  {june}: crm_lead Q-JUNE\n" in now
    assert f"  {jane}: crm_contact C-JANE\n" in now
    assert "alone: blocked by an operator" in now
    assert told.leads()[jane] == together - {identifier("lead Q-JUNE"), identifier(f"email {DESK}")}
    assert told.leads()[june] == {identifier("lead Q-JUNE")}
    changes = told.company.query("SELECT what, from_lead, to_lead FROM boards.identity_changes WHERE what = 'blocked'")
    assert changes == [("blocked", jane, june)]

    unblock = ("identity", "unblock", DESK, "--reason", "one and the same")
    assert "would come together as one person:" in told.tell(*unblock, "--dry-run")
    told.tell(*unblock, "--wait")
    assert told.leads()[jane] == together

    before, bobs = told.traces(), told.bobs()
    assert len(before) > 20
    said = told.tell("erase", JANE, "--yes", "--wait", code=1)
    assert "device booth-tablet: 1 visit this person's, 1 others' or nobody's" in said
    assert f"still to do: {identifier(f'email {DESK}').replace(':', ' ')}" in said
    assert "nothing of what was to be erased stands on boards any more" in told.tell("erase", DESK, "--yes", "--wait")
    told.send(LATE)
    told.tell("erase", "device:booth-tablet", "--yes", "--wait")  # which waits for all before it, too

    # what stays, as the command says: a log of which lead they were, and the deal of the account
    assert set(told.traces()) == {"facts.identity_changes"}
    assert told.company.query("SELECT lead_id, deal_id, account FROM boards.deals") == [("", "D-PIKE", "A-PIKE")]
    assert told.company.query("SELECT count() FROM boards.visits") == [(0,)]
    assert [row for row in bobs if "session" not in row] == told.bobs()
    assert told.company.query("SELECT count() FROM boards.rejects") == [(0,)]
    for asked in (JANE, DESK, "lead:Q-JUNE", jane):
        assert "nobody is known as" in told.tell("identity", "show", asked, code=1)
