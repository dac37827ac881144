from __future__ import annotations

from typing import Any

from streams.identity import messages
from streams.identity.identifiers import Hasher, IdentityRules
from streams.identity.node import EVENTS_PER_MESSAGE, Identify
from streams.identity.route import Route, keeps_state
from streams.model import Effect, Record, Reject, Row, Send
from tests.identity.events import EMAIL_KEY, crm

RULES = IdentityRules(remembered_neighbours=2)
HASHER = Hasher(EMAIL_KEY, RULES)
ROUTE = Route(RULES, HASHER, "v1")
IDENTIFY = Identify(RULES, lambda identifier: f"L({identifier})")
ANN = HASHER.address("ann@firm.org").identifier  # type: ignore[union-attr]


def routed(record: Record, state: Any = None) -> list[Effect]:
    return list(ROUTE.apply(state or ROUTE.fresh(""), 0, {"record": record, "source_at": 7}))


def links(effects: list[Effect]) -> list[tuple[str, str, str]]:
    sends = [effect for effect in effects if isinstance(effect, Send) and effect.message["link"]]
    return [(send.key, send.message["link"]["other"], send.message["link"]["kind"]) for send in sends]


def test_a_record_with_an_address_is_linked_to_it() -> None:
    effects = routed(crm("lead", "1", "lead_created", 1, email="Ann@firm.org"))
    assert links(effects) == [("crm_lead:1", ANN, "routine")]
    assert isinstance(effects[0], Send)
    assert effects[0].key == "crm_lead:1"
    assert effects[0].message["item"]["item"].startswith("crm:")


def test_a_role_inbox_or_a_blocked_address_links_nobody() -> None:
    assert links(routed(crm("lead", "1", "lead_created", 1, email="info@firm.org"))) == []
    assert links(routed(crm("lead", "1", "lead_created", 1, email="null"))) == []


def test_conversion_and_merges_are_links() -> None:
    assert links(routed(crm("lead", "1", "converted", 1, contact_id="c"))) == [
        ("crm_lead:1", "crm_contact:c", "routine")
    ]
    assert links(routed(crm("contact", "c", "converted", 1, lead_id="1"))) == [
        ("crm_contact:c", "crm_lead:1", "routine")
    ]
    assert links(routed(crm("lead", "1", "merged", 1, other_record_id="2"))) == [("crm_lead:1", "crm_lead:2", "merge")]
    assert links(routed(crm("lead", "1", "unmerged", 1, other_record_id="2"))) == [
        ("crm_lead:1", "crm_lead:2", "unmerge")
    ]
    assert links(routed(crm("lead", "1", "merged", 1, other_record_id="1"))) == []


def test_a_record_id_that_says_nothing_is_refused() -> None:
    [reject] = routed(crm("lead", "undefined", "lead_created", 1))
    assert isinstance(reject, Reject)
    assert reject.reason == "blocked_identifier"


def test_a_deal_goes_to_its_primary_contact_then_to_another_and_the_first_is_told() -> None:
    deal = ROUTE.fresh("o")
    created = crm("opportunity", "o", "opportunity_created", 1, primary_contact_id="c1", amount=10.0)
    assert keeps_state(created)
    [first] = routed(created, deal)
    moved = routed(crm("opportunity", "o", "opportunity_won", 2, primary_contact_id="c2"), deal)
    assert isinstance(first, Send)
    assert first.key == "crm_contact:c1"
    told = {send.key: send.message["item"]["events"] for send in moved if isinstance(send, Send)}
    assert told["crm_contact:c1"] is None
    assert [event["type"] for event in told["crm_contact:c2"]] == ["opportunity_created", "opportunity_won"]


def test_a_deal_of_nobody_is_a_row_until_somebody_is_known() -> None:
    deal = ROUTE.fresh("o")
    [row] = routed(crm("opportunity", "o", "opportunity_created", 1, amount=10.0, account_name="Firm"), deal)
    assert isinstance(row, Row)
    assert (row.key, row.revision) == (("", "o"), 1)
    assert row.values is not None
    assert (row.values["status"], row.values["amount"], row.values["account"]) == ("open", 10.0, "Firm")
    contacts = [{"contact_id": "c2", "role": None}, {"contact_id": "c1", "role": None}]
    [send, gone] = routed(crm("opportunity", "o", "opportunity_won", 2, contacts=contacts), deal)
    assert isinstance(send, Send)
    assert send.key == "crm_contact:c1"
    assert gone == Row("deals", ("", "o"), None, 2)


EVENT = {"key": "k"}


def told(node: Any, offset: int, send: Send) -> list[tuple[str, bool, dict[str, Any]]]:
    """(lead, full, items) of each message to a lead."""
    effects = [effect for effect in IDENTIFY.apply(node, offset, send.message) if isinstance(effect, Send)]
    return [
        (each.key, each.message["full"], {said["item"]: said["events"] for said in each.message["items"]})
        for each in effects
    ]


def test_an_identifier_is_its_own_lead_until_it_is_assigned() -> None:
    node = IDENTIFY.fresh("n")
    assert told(node, 0, messages.item("n", "i", 1, [EVENT], 7)) == [("L(n)", False, {"i": [EVENT]})]
    assert told(node, 1, messages.assignment("n", "L(m)", 3, ["m", "n"], 7)) == [
        ("L(n)", True, {}),
        ("L(m)", True, {"i": [EVENT]}),
    ]
    assert told(node, 2, messages.assignment("n", "L(x)", 2, ["x", "n"], 7)) == [], "an older one"


def test_a_redelivered_message_says_everything_again() -> None:
    node = IDENTIFY.fresh("n")
    told(node, 0, messages.item("n", "i", 1, [EVENT], 7))
    told(node, 1, messages.assignment("n", "L(m)", 3, ["m", "n"], 7))
    everything = [("L(n)", True, {}), ("L(m)", True, {"i": [EVENT]})]
    assert told(node, 0, messages.item("n", "i", 1, [EVENT], 7)) == everything


def test_an_item_counts_only_while_all_it_requires_are_one() -> None:
    node = IDENTIFY.fresh("n")
    assert told(node, 0, messages.item("n", "i", 1, [EVENT], 7, ["m", "n"])) == []
    assert told(node, 1, messages.assignment("n", "L(n)", 1, ["m", "n"], 7)) == [("L(n)", True, {"i": [EVENT]})]
    assert told(node, 2, messages.assignment("n", "L(n)", 2, ["n"], 7)) == [("L(n)", True, {})]


def test_who_never_had_an_item_is_not_told_that_it_is_gone() -> None:
    node = IDENTIFY.fresh("n")
    assert told(node, 0, messages.item("n", "i", 2, None, 7)) == []
    assert told(node, 1, messages.item("n", "i", 1, [EVENT], 7)) == [], "an older one"


def test_only_new_evidence_goes_to_the_resolver_and_beyond_the_cap_all_of_it() -> None:
    node = IDENTIFY.fresh("n")
    mark = {"at": 5, "event_key": "k", "source": "crm", "event_id": "e"}

    def forwarded(offset: int, other: str, **fields: Any) -> int:
        send = messages.link("n", other, "routine", {**mark, **fields}, 7)
        return len(list(IDENTIFY.apply(node, offset, send.message)))

    assert [forwarded(0, "a"), forwarded(1, "a"), forwarded(2, "a", at=6), forwarded(3, "a", at=4)] == [1, 0, 0, 1]
    assert forwarded(1, "a") == 1, "redelivered"
    for offset, other in enumerate("bcde", start=4):
        assert forwarded(offset, other) == 1
    assert forwarded(8, "e") == 1
    assert len(node.links) == 3


def test_a_big_opening_comes_in_parts() -> None:
    node = IDENTIFY.fresh("n")
    many: list[Record] = [EVENT] * (EVENTS_PER_MESSAGE + 1)
    for offset, name in enumerate("abc"):
        told(node, offset, messages.item("n", name, 1, many, 7))
    parts = told(node, 3, messages.assignment("n", "L(m)", 3, ["m", "n"], 7))[1:]
    assert [(full, list(items)) for _, full, items in parts] == [(True, ["a"]), (False, ["b"]), (False, ["c"])]


def test_too_many_items_keep_the_same_whatever_came_first() -> None:
    step = Identify(IdentityRules(items_per_identifier=3), str)
    kept = []
    for names in ("abcdefgh", "hgfedcba", "cadbehfg"):
        node = step.fresh("n")
        for offset, name in enumerate(names):
            list(step.apply(node, offset, messages.item("n", name, 1, [EVENT], 7).message))
        kept.append(set(node.items))
    assert kept[0] == kept[1] == kept[2]
    assert len(kept[0]) == 3
