"""Records that are right by their schema and absurd by their content: an outcome for each, and never an exception."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.support import in_memory
from tests.support.in_memory import TOPICS, Funnel

AT = 1_700_000_000_000_000
SEPARATORS = ["\x1f", "\x1e", "\x00", ":", "|", ",", "/"]


def crm(funnel: Funnel, n: int, **fields: Any) -> None:
    record = {"event_id": f"e{n}", "source": "test", "occurred_at": AT + n, **fields}
    funnel.take([(TOPICS.crm, b"k", funnel.codec.encode("events/crm", record))])


def standing(funnel: Funnel, table: str) -> set[tuple[Any, ...]]:
    return {key[1:] for key, values in funnel.rows.items() if key[0] == table and values is not None}


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_deal_whose_id_holds_a_separator_can_change_hands(separator: str) -> None:
    funnel = Funnel()
    deal = {"record_kind": "opportunity", "record_id": f"006{separator}X"}
    crm(funnel, 1, type="opportunity_created", primary_contact_id="003A", **deal)
    _, before = standing(funnel, "deals")
    crm(funnel, 2, type="opportunity_stage_changed", stage="demo", primary_contact_id="003B", **deal)
    account, after = sorted(standing(funnel, "deals"))
    assert account == ("", f"006{separator}X"), "its account's, which counts where no person has it"
    assert before[0] != after[0] and before[1] == after[1] == f"006{separator}X"


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_lead_whose_id_holds_a_separator_can_be_merged(separator: str) -> None:
    funnel = Funnel()
    loser = f"00Q{separator}2"
    crm(funnel, 1, type="lead_created", record_kind="lead", record_id="00Q1")
    crm(funnel, 2, type="lead_created", record_kind="lead", record_id=loser)
    crm(funnel, 3, type="merged", record_kind="lead", record_id="00Q1", other_record_id=loser)
    assert len(standing(funnel, "leads")) == 1
    assert {key[1] for key in standing(funnel, "lead_identifiers")} == {"crm_lead:00Q1", f"crm_lead:{loser}"}


@pytest.mark.parametrize("amount", [math.nan, math.inf, -math.inf])
def test_an_amount_that_is_no_number_is_no_amount(amount: float) -> None:
    funnel = Funnel()
    deal = {"record_kind": "opportunity", "record_id": "006X", "primary_contact_id": "003A"}
    crm(funnel, 1, type="opportunity_created", amount=500.0, **deal)
    crm(funnel, 2, type="opportunity_won", amount=amount, **deal)
    for row in [values for key, values in funnel.rows.items() if key[0] == "deals" and values]:
        assert row["amount"] == 500.0 and row["status"] == "won"


@pytest.mark.parametrize("appended_ms", [-1, 0, 9 * 10**15, 1_700_000_000_000_000_000, 2**63 - 1])
@pytest.mark.parametrize("at", [AT, 253_402_300_800_000_000, 2**63 - 1])
def test_the_time_that_a_producer_gave_the_record_may_be_anything(
    appended_ms: int, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a topic with CreateTime the producer says it, say in nanoseconds, and brokers up to 3.x take any."""
    monkeypatch.setattr(in_memory, "APPENDED_MS", appended_ms)
    funnel = Funnel()
    crm(funnel, 1, type="lead_created", record_kind="lead", record_id="00Q1", **{"occurred_at": at})
    web = {"event_id": "e", "source": "test", "occurred_at": at, "type": "page_view", "anonymous_id": "device"}
    funnel.take([(TOPICS.web, b"k", funnel.codec.encode("events/web", web))])
    fine = at == AT and appended_ms > 0
    assert (len(funnel.rejects), bool(funnel.rows)) == ((0, True) if fine else (2, False))
