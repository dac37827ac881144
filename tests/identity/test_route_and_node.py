from __future__ import annotations

from typing import Any

from streams.event import LONGEST_TEXT
from streams.identity import messages
from streams.identity.identifiers import Hasher, IdentityRules, rank
from streams.identity.node import EVENTS_PER_MESSAGE, Identify
from streams.identity.route import Route, keeps_state
from streams.judge import refusal
from streams.model import Effect, Record, Reject, Row, Send
from tests.identity.events import EMAIL_KEY, crm
from tests.identity.world import DEAL_OF_NOBODY

RULES = IdentityRules(remembered_neighbours=2, events_per_lead=10_000)
HASHER = Hasher(EMAIL_KEY, RULES)
ROUTE = Route(RULES, HASHER, DEAL_OF_NOBODY, in_vain=False)
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


def orders(effects: list[Effect]) -> list[tuple[str, str]]:
    sends = [effect for effect in effects if isinstance(effect, Send) and effect.message["order"]]
    assert len(sends) == len(effects), "an order is no event of any journey"
    return [(send.key, send.message["order"]["kind"]) for send in sends]


def test_an_order_names_a_record_or_an_address_and_an_erasure_both() -> None:
    assert orders(routed(crm("email", "Ann@firm.org", "blocked", 1))) == [(ANN, "block")]
    assert orders(routed(crm("lead", "1", "blocked", 1, email="ann@firm.org"))) == [("crm_lead:1", "block")]
    assert orders(routed(crm("contact", "c", "unblocked", 1))) == [("crm_contact:c", "unblock")]
    both = [(ANN, "erase"), ("crm_lead:1", "erase")]
    assert orders(routed(crm("lead", "1", "erased", 1, email="ann@firm.org"))) == both
    [reject] = routed(crm("email", "nothing", "blocked", 1))
    assert isinstance(reject, Reject)
    assert (reject.reason, "nothing" in reject.detail) == ("blocked_identifier", False)


def deal_row(effects: list[Effect]) -> dict[str, Any]:
    [row] = [effect for effect in effects if isinstance(effect, Row)]
    assert row.table == "deals"
    assert row.key == ("", "o")
    assert row.values is not None
    return row.values


def test_a_deal_goes_to_its_primary_contact_then_to_another_and_the_first_is_told() -> None:
    deal = ROUTE.fresh("o")
    created = crm("opportunity", "o", "opportunity_created", 1, primary_contact_id="c1", amount=10.0)
    assert keeps_state(created)
    first = routed(created, deal)[0]
    moved = routed(crm("opportunity", "o", "opportunity_won", 2, primary_contact_id="c2"), deal)
    assert isinstance(first, Send)
    assert first.key == "crm_contact:c1"
    told = {send.key: send.message["item"]["events"] for send in moved if isinstance(send, Send)}
    assert told["crm_contact:c1"] is None
    assert [event["type"] for event in told["crm_contact:c2"]] == ["opportunity_created", "opportunity_won"]


def test_of_many_contacts_the_one_named_first_has_the_deal() -> None:
    def contacts(*names: str) -> list[Record]:
        return [{"contact_id": name, "role": None} for name in names]

    deal = ROUTE.fresh("o")
    [late, _] = routed(crm("opportunity", "o", "opportunity_won", 2, contacts=contacts("c1", "c3")), deal)
    [*_, early, _] = routed(crm("opportunity", "o", "opportunity_created", 1, contacts=contacts("c3", "c2")), deal)
    assert isinstance(late, Send)
    assert isinstance(early, Send)
    assert (late.key, early.key) == ("crm_contact:c1", "crm_contact:c2")


def test_the_row_of_a_deal_for_its_account_alone() -> None:
    deal = ROUTE.fresh("o")
    values = deal_row(routed(crm("opportunity", "o", "opportunity_created", 1, amount=10.0, email="x@firm.org"), deal))
    assert (values["status"], values["amount"]) == ("open", 10.0)
    assert (values["account"], values["account_by"]) == ("firm.org", "domain")
    values = deal_row(routed(crm("opportunity", "o", "opportunity_won", 3, account_name="Firm"), deal))
    assert (values["status"], values["account"], values["account_by"]) == ("won", "Firm", "crm")
    values = deal_row(routed(crm("opportunity", "o", "opportunity_stage_changed", 2, account_id="a1"), deal))
    assert (values["status"], values["account"]) == ("won", "a1")


def test_what_a_full_deal_drops_is_counted() -> None:
    route, deal = Route(IdentityRules(events_per_deal=1), HASHER, DEAL_OF_NOBODY), ROUTE.fresh("o")
    records = [crm("opportunity", "o", "opportunity_stage_changed", at) for at in (1, 2)]
    effects = [list(route.apply(deal, 0, {"record": record, "source_at": 7})) for record in records]
    assert [type(effect) for effect in effects[0]] == [Row]
    assert isinstance(effects[1][0], Reject)
    assert effects[1][0].reason == "too_many_deal_events"
    assert len(deal.events) == 1


EVENT: Record = {"key": "k", "occurred_at": 1, "source": "s", "event_id": "e", "data": {}}


def told(node: Any, offset: int, send: Send) -> list[tuple[str, bool, dict[str, Any]]]:
    """(lead, full, items) of each message to a lead."""
    effects = [effect for effect in IDENTIFY.apply(node, offset, send.message) if isinstance(effect, Send)]
    return [
        (each.key, each.message["full"], {said["item"]: said["events"] for said in each.message["items"]})
        for each in effects
    ]


def test_an_identifier_is_its_own_lead_until_it_is_assigned() -> None:
    node = IDENTIFY.fresh("n")
    assert told(node, 0, messages.item("n", "i", 1, [EVENT], 7)) == [("L(n)", True, {"i": [EVENT]})]
    assert told(node, 1, messages.assignment("n", "L(m)", 3, ["m", "n"], [], 7)) == [
        ("L(n)", True, {}),
        ("L(m)", True, {"i": [EVENT]}),
    ]
    assert told(node, 2, messages.assignment("n", "L(x)", 2, ["x", "n"], [], 7)) == [], "an older one"


def test_who_moves_again_closes_what_it_leaves_and_only_that() -> None:
    step, node = Identify(RULES, str, committed_within=4), IDENTIFY.fresh("n")
    node.lead = "n"

    def moved(offset: int, lead: str) -> list[str]:
        send = messages.assignment("n", lead, offset, ["m", "n"], [], 7)
        return [effect.key for effect in step.apply(node, offset, send.message) if isinstance(effect, Send)]

    told(node, 0, messages.item("n", "i", 1, [EVENT], 7))
    assert [moved(1, "a"), moved(2, "b"), moved(3, "a")] == [["n", "a"], ["a", "b"], ["b", "a"]]
    again = list(step.apply(node, 3, messages.assignment("n", "a", 3, ["m", "n"], [], 7).message))
    assert [effect.key for effect in again if isinstance(effect, Send)] == ["n", "b", "a"], "redelivered: all of it"
    moved(9, "c")
    assert node.contacted == ["a", "c"], "what was closed long ago is committed, and said no more"


def test_an_erased_identifier_brings_nothing_ever_again() -> None:
    node = IDENTIFY.fresh("n")
    told(node, 0, messages.item("n", "i", 1, [EVENT], 7))
    erase = messages.order("n", "erase", {"at": 1, "event_key": "k"}, 7)
    [evidence, close] = IDENTIFY.apply(node, 1, erase.message)
    assert isinstance(evidence, Send)
    assert isinstance(close, Send)
    assert (evidence.topic, evidence.message["b"], evidence.message["erase"]["at"]) == ("links", "", 1)
    assert (close.key, close.message["full"], close.message["items"]) == ("L(n)", True, [])
    assert not node.items
    assert told(node, 2, messages.item("n", "j", 1, [EVENT], 7)) == []
    assert told(node, 3, messages.assignment("n", "L(m)", 3, ["m", "n"], [], 7)) == []
    again = list(IDENTIFY.apply(node, 1, erase.message))
    assert [effect.topic for effect in again if isinstance(effect, Send)] == ["links", "lead"], "redelivered"


def test_former_leads_are_said_to_a_lead_with_the_first_message() -> None:
    node, former = IDENTIFY.fresh("n"), [messages.Former(5, "L(n)")]
    assert told(node, 0, messages.assignment("n", "L(m)", 3, ["m", "n"], former, 7)) == []
    [send] = IDENTIFY.apply(node, 1, messages.item("n", "i", 1, [EVENT], 7).message)
    assert isinstance(send, Send)
    assert send.message["former"] == [{"until": 5, "lead": "L(n)"}]
    later = messages.assignment("n", "L(m)", 4, ["m", "n"], [messages.Former(4, "L(n)")], 7)
    [send] = IDENTIFY.apply(node, 2, later.message)
    assert isinstance(send, Send)
    assert (send.message["full"], send.message["former"][0]["until"]) == (True, 4)


def test_a_redelivered_message_says_everything_again() -> None:
    node = IDENTIFY.fresh("n")
    told(node, 0, messages.item("n", "i", 1, [EVENT], 7))
    told(node, 1, messages.assignment("n", "L(m)", 3, ["m", "n"], [], 7))
    everything = [("L(n)", True, {}), ("L(m)", True, {"i": [EVENT]})]
    assert told(node, 0, messages.item("n", "i", 1, [EVENT], 7)) == everything


def test_an_item_counts_only_while_all_it_requires_are_one() -> None:
    node = IDENTIFY.fresh("n")
    assert told(node, 0, messages.item("n", "i", 1, [EVENT], 7, ["m", "n"])) == []
    assert told(node, 1, messages.assignment("n", "L(n)", 1, ["m", "n"], [], 7)) == [("L(n)", True, {"i": [EVENT]})]
    assert told(node, 2, messages.assignment("n", "L(n)", 2, ["n"], [], 7)) == [("L(n)", True, {})]


def test_who_never_had_an_item_is_not_told_that_it_is_gone() -> None:
    node = IDENTIFY.fresh("n")
    assert told(node, 0, messages.item("n", "i", 2, None, 7)) == []
    assert told(node, 1, messages.item("n", "i", 1, [EVENT], 7)) == [], "an older one"


def test_only_new_evidence_goes_to_the_resolver_and_beyond_the_cap_all_of_it() -> None:
    node = IDENTIFY.fresh("n")
    mark = {"at": 5, "event_key": "k"}

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
    parts = told(node, 3, messages.assignment("n", "L(m)", 3, ["m", "n"], [], 7))[1:]
    assert [(full, list(items)) for _, full, items in parts] == [(True, ["a"]), (False, ["b"]), (False, ["c"])]


def test_too_many_items_keep_the_same_whatever_came_first() -> None:
    step = Identify(IdentityRules(events_per_identifier=3), str)
    kept = []
    for names in ("abcdefgh", "hgfedcba", "cadbehfg"):
        node = step.fresh("n")
        for offset, name in enumerate(names):
            effects = list(step.apply(node, offset, messages.item("n", name, 1, [EVENT], 7).message))
            assert any(isinstance(effect, Reject) for effect in effects) == (offset > 2), "what is dropped is counted"
        kept.append(set(node.items))
    assert kept[0] == kept[1] == kept[2]
    assert len(kept[0]) == 3


def test_a_deal_of_many_events_weighs_as_many_and_what_is_dropped_stays_dropped() -> None:
    step = Identify(IdentityRules(events_per_identifier=4), str)
    names = sorted(("a", "b", "deal"), key=rank)
    assert names[-1] != "deal", "else the deal itself would go"

    def kept(*said: tuple[str, int]) -> set[str]:
        node = step.fresh("n")
        for version, (name, events) in enumerate(said, start=1):
            list(step.apply(node, version, messages.item("n", name, version, [EVENT] * events or None, 7).message))
            assert node.weight == sum(item.weight for item in node.items.values()) <= 4
            node = step.load(step.dump(node))
        return set(node.items)

    assert kept(("a", 1), ("b", 1), ("deal", 1), ("deal", 2)) == {"a", "b", "deal"}
    left = kept(("a", 1), ("b", 1), ("deal", 3))
    assert left == kept(("deal", 3), ("b", 1), ("a", 1)) == kept(("a", 1), ("b", 1), ("deal", 3), ("deal", 0))
    assert len(left) == 2


def test_a_text_without_end_is_cut_and_an_id_without_end_is_refused() -> None:
    record = crm("lead", "1", "lead_created", 1, company="x" * 5000, owner_id="o")
    [item] = routed(record)
    assert isinstance(item, Send)
    assert len(item.message["item"]["events"][0]["data"]["company"]) == LONGEST_TEXT
    refused = refusal("crm", record | {"record_id": "1" * 300}, record["occurred_at"])
    assert refused is not None
    assert (refused.reason, "record_id" in refused.detail) == ("too_large", True)
