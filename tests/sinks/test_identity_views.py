"""Views about who is who, on made rows."""

from __future__ import annotations

import time
from typing import Any

from sinks.client import Client
from sinks.writer import Batch, Writer
from tests.sinks.rows import HOUR, SECOND, T0, values


def put(client: Client, generation: int, *rows: tuple[str, tuple[Any, ...], dict[str, Any]]) -> None:
    batch = Batch()
    for table, key, given in rows:
        batch.add(table, key, values(table, **given), 1, T0)
    Writer(client, generation).write(batch)


def ask(client: Client, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in client.query(sql).result_rows]


def test_a_deal_counts_once_for_its_person_else_for_its_account(client: Client, generation: int) -> None:
    put(
        client,
        generation,
        ("deals", ("", "d1"), {"amount": 5.0}),
        ("deals", ("L1", "d1"), {"amount": 5.0}),
        ("deals", ("", "d2"), {"amount": 7.0}),
    )
    assert ask(client, "SELECT lead_id, deal_id FROM boards.deals ORDER BY deal_id") == [("L1", "d1"), ("", "d2")]


def test_a_visit_after_two_identifiers_is_shared_unless_they_are_one_person(client: Client, generation: int) -> None:
    put(
        client,
        generation,
        ("visits", ("tablet", "s1"), {"ownership": "shared", "cause": "c1"}),
        ("visits", ("laptop", "s2"), {"ownership": "shared", "cause": "c2"}),
        ("lead_events", ("L1", "c2"), {"type": "session"}),
    )
    found = ask(client, "SELECT anonymous_id, ownership FROM boards.visitors ORDER BY anonymous_id")
    assert found == [("laptop", "identified"), ("tablet", "shared")]


def test_a_lead_is_known_by_what_brought_events_and_by_what_only_links(client: Client, generation: int) -> None:
    put(
        client,
        generation,
        ("leads", ("L1",), {}),
        ("lead_identifiers", ("L1", "crm_lead:1"), {"kind": "crm_lead", "record_id": "1", "first_seen": T0}),
        ("identities", ("crm_lead:1",), {"lead_id": "L1", "linked_at": T0 + 5}),
        ("identities", ("email:a",), {"lead_id": "L1", "linked_at": T0 + 5}),
        ("identities", ("email:b",), {"lead_id": "Lnobody", "linked_at": T0 + 5}),
    )
    sql = "SELECT lead_id, identifier, kind, record_id, has_events FROM boards.lead_identifiers ORDER BY identifier"
    assert ask(client, sql) == [
        ("L1", "crm_lead:1", "crm_lead", "1", 1),
        ("L1", "email:a", "email", "", 0),
    ]


def test_a_link_is_effective_if_neither_end_is_cut(client: Client, generation: int) -> None:
    put(
        client,
        generation,
        ("identities", ("email:hub",), {"why": "hub"}),
        ("identity_links", ("crm_lead:1", "email:a"), {"in_force": 1}),
        ("identity_links", ("crm_lead:1", "email:hub"), {"in_force": 1}),
        ("identity_links", ("crm_lead:1", "email:z"), {"in_force": 0}),
    )
    assert ask(client, "SELECT b, effective FROM boards.identity_links ORDER BY b") == [
        ("email:a", 1),
        ("email:hub", 0),
        ("email:z", 0),
    ]


def test_identity_changes_names_the_numbers_that_moved(client: Client, generation: int) -> None:
    now = time.time_ns() // 1000
    change = {"from_lead": "Lold", "to_lead": "Lnew", "what": "merged", "event": "m", "a": "x", "b": "y"}
    put(
        client,
        generation,
        ("leads", ("Lnew",), {}),
        ("identity_changes", ("crm_lead:1", 7), {**change, "at": T0, "changed_at": now - HOUR}),
        ("identity_changes", ("email:a", 7), {**change, "at": T0, "changed_at": now - HOUR}),
        ("identity_changes", ("crm_lead:2", 8), {**change, "at": T0, "changed_at": now - 1000 * HOUR}),
        ("identity_changes", ("crm_lead:3", 9), {**change, "at": T0, "changed_at": now - HOUR}),
        *(
            ("lead_events", ("Lnew", cause), {"identifier": identifier, "occurred_at": T0 + seconds * SECOND})
            for cause, identifier, seconds in (
                ("c1", "crm_lead:1", -5), ("c2", "email:a", -3), ("c3", "crm_lead:1", 3), ("c4", "crm_lead:2", -3),
                ("c5", "crm_lead:3", 0),
            )
        ),
        ("stage_entries", ("Lnew", "c1", "mql"), {}),
        ("stage_entries", ("Lnew", "c2", "inquiry"), {}),
        ("stage_entries", ("Lnew", "c3", "sal"), {}),
        ("obligations", ("Lnew", "untouched", "c1"), {}),
        ("obligations", ("Lnew", "undecided", "c1"), {}),
        ("deals", ("Lnew", "d"), {"cause": "c3"}),
    )  # fmt: skip
    sql = "SELECT from_lead, to_lead, what, gone, identifiers, events, stages, obligations, deals"
    assert ask(client, f"{sql} FROM boards.identity_changes") == [
        ("Lold", "Lnew", "merged", 1, ["crm_lead:1", "email:a"], 2, ["inquiry", "mql"], 2, 0)
    ]
