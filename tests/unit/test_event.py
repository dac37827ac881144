from __future__ import annotations

from typing import Any

import pytest

from streams.event import event_key, lead_event, without_addresses
from tests.identity.events import START, crm, form, web


def test_when_we_received_it_and_fields_without_value_are_no_part_of_the_key() -> None:
    event = web("d", "s", 1, url="/", event_id="1")
    newer_schema = {"field_of_a_later_schema": None, **dict(reversed(event.items()))}
    assert event_key(event) == event_key({**event, "received_at": 5}) == event_key(newer_schema)
    assert len(event_key(event)) == 32


@pytest.mark.parametrize(
    "other", [{"source": "b"}, {"event_id": "2"}, {"url": "/x"}, {"occurred_at": 2}, {"rep_link": True}, {"email": ""}]
)
def test_anything_else_makes_another_event(other: dict[str, Any]) -> None:
    event = web("d", "s", 1, url="/", event_id="1")
    assert event_key(event) != event_key({**event, **other})


def test_contacts_of_a_deal_are_part_of_the_key() -> None:
    deal = crm("opportunity", "o", "opportunity_created", 1)
    with_contact = {**deal, "contacts": [{"contact_id": "c", "role": None}]}
    assert event_key(deal) != event_key(with_contact)


def test_a_form_loses_all_personal_data() -> None:
    said = form("d", "ann@firm.org", 1, name="Ann Lee", phone="+1 5", company="Firm", url="/x?mail=ann%40firm.org&y=1")
    event = lead_event(said, "k", "firm.org")
    assert event.data == {
        "anonymous_id": "d",
        "form_kind": "content",
        "company": "Firm",
        "url": "/x?mail=(e-mail)&y=1",
        "email_domain": "firm.org",
    }


def test_a_crm_event_keeps_who_did_what_to_which_record() -> None:
    contacts = [{"contact_id": "c1", "role": "buyer, main"}, {"contact_id": "c:2", "role": None}]
    said = crm(
        "opportunity", "o1", "opportunity_won", 3, changed_by="kim@us.com", amount=5.0, contacts=contacts, event_id="e"
    )
    event = lead_event(said, "k", None)
    assert event.data == {
        "record_kind": "opportunity",
        "record_id": "o1",
        "changed_by": "kim@us.com",
        "amount": 5.0,
        "contacts": "c1:buyer  main,c:2:",
    }
    assert (event.occurred_at, event.recorded_at, event.event_id) == (START + 3, START + 3, "e")
    assert event.precision == "second"


def test_addresses_in_any_text_are_replaced() -> None:
    assert without_addresses("write to ann.lee+x@firm.co.uk, now") == "write to (e-mail), now"
    assert without_addresses("https://us.com/@team/a") == "https://us.com/@team/a"
