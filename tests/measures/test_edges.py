"""Views and oracle as of the very instant at which something happens, or a measure's time after it is over."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from sinks.client import Client
from streams.model import DAY
from tests.journey.dsl import DEFINITION
from tests.measures.companies import ACCOUNTS, random_journey, rows_of_company, times_in
from tests.measures.engine import ALWAYS, differences, own_client, shown
from tests.measures.oracle.company import Company
from tests.measures.oracle.words import day
from tests.measures.reference import reference_of

pytestmark = pytest.mark.slow

MQL, REJECTED, NURTURE = ({"stage": stage} for stage in ("mql", "rejected", "nurture"))
WON = {"status": "won", "kind": "new_business"}
EDGES: list[tuple[str, dict[str, Any], int, str]] = [  # column, of which rows, days later, what looks there
    ("leads.began_at", {}, 0, "closed_loop size_mix coverage"),
    ("visits.started_at", {"session_id": "s0"}, 0, "closed_loop_activity"),
    ("deals.closed_at", WON, 0, "closed_loop_activity marketing_share origin_compare nurture_effect"),
    ("deals.created_at", {"kind": "new_business"}, 0, "origin_compare money_at_risk"),
    ("touches.occurred_at", {"side": "marketing"}, 0, "marketing_share coverage"),
    ("activities.occurred_at", {"human": 1}, 0, "coverage"),
    ("assignments.assigned_at", {"handover": 1}, 0, "quality handover_quality cherry_picking handover_age"),
    ("assignments.touched_at", {"ready": 1}, 0, "cherry_picking"),
    ("assignments.day_due_at", {"ready": 1, "touched_at": None}, 0, "cherry_picking"),
    ("assignments.decided_at", {"handover": 1}, 0, "who_was_right"),
    ("lead_events.occurred_at", {}, 0, "measured"),
    ("lead_events.occurred_at", {}, 30, "lead_fate"),
    ("stage_entries.entered_at", MQL, 0, "quality closed_loop_activity"),
    ("stage_entries.entered_at", MQL, 90, "lead_fate quality"),
    ("stage_entries.entered_at", MQL, 365, "quality money_at_risk"),
    ("stage_entries.entered_at", REJECTED, 730, "regretted_rejection"),
    ("stage_entries.left_at", NURTURE, 0, "recycling money_at_risk"),
    ("obligations.warn_at", {"met_at": None, "ended_at": None}, 0, "leak_rate"),
    ("obligations.due_at", {"met_at": None, "ended_at": None}, 0, "leak_rate measured"),
    ("obligations.met_at", {"kind": "untouched"}, 0, "response response_leads leak_rate"),
    ("obligations.ended_at", {}, 0, "leak_rate measured"),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with own_client(tmp_path_factory.mktemp("clickhouse")) as client:
        yield client


@pytest.fixture(scope="module")
def company(client: Client) -> Iterator[Company]:
    luck = Random("edges")
    rows = rows_of_company([random_journey(luck) for _ in range(120)], luck)
    with shown(client, DEFINITION, rows, reference_of(luck, ACCOUNTS, list(map(day, times_in(rows))))) as company:
        yield company


@pytest.mark.parametrize(("column", "of", "later", "names"), EDGES)
def test_an_instant_counts(
    client: Client, company: Company, column: str, of: dict[str, Any], later: int, names: str
) -> None:
    table, name = column.split(".")
    rows = [row for row in company.facts(table) if row[name] and of.items() <= row.items()]
    for row in Random(column).sample(rows, 3):
        found = differences(client, company, names.split(), row[name] + later * DAY, ALWAYS)
        assert not found, "\n".join(found[:10])
