"""The oracle against small cases worked out by hand, so that it is not only the code's echo."""

from __future__ import annotations

import hmac

import pytest

from streams.event import event_key
from streams.identity.identifiers import IdentityRules
from streams.model import Record
from tests.identity.events import EMAIL_KEY, START, crm, form, record, web
from tests.identity.oracle import Belonging, Source, Truth, Visit, truth

RULES = IdentityRules(hub_neighbours=3, lead_identifiers=4, look_back=3, identifiers_per_device=3)


def hashed(text: str) -> str:
    return hmac.new(EMAIL_KEY, text.encode(), "sha256").hexdigest()


def mail(address: str) -> str:
    return "email:" + hashed(address)[:32]


def lead(identifier: str) -> str:
    return "L" + hashed(identifier)[:16]


A, B, C, INFO = (mail(f"{name}@x.org") for name in ("a", "b", "c", "info"))
L1, L2, L3 = (f"crm_lead:r{number}" for number in (1, 2, 3))
C1, C2, C3 = (f"crm_contact:r{number}" for number in (1, 2, 3))


def of(*records: Record) -> Truth:
    sources: list[Source] = [
        ("form" if "form_kind" in each else "crm" if "record_kind" in each else "web", each) for each in records
    ]
    return truth(sources, RULES)


def holds(found: Truth, identifier: str) -> set[str]:
    """What the identifier's own lead holds: event keys, sessions by name."""
    held = found.leads.get(lead(identifier), frozenset())
    return {item.what if isinstance(item.what, str) else item.what.session for item in held}


def linked(kind: str, number: int, address: str, at: int) -> Record:
    return crm(kind, f"r{number}", "lead_updated", at, email=f"{address}@x.org")


def merged(one: int, other: int, at: int, type_: str = "merged") -> Record:
    return crm("lead", f"r{one}", type_, at, other_record_id=f"r{other}")


def named(device: str, session: str, at: int, *addresses: str) -> list[Record]:
    return [web(device, session, at, email=f"{address}@x.org") for address in addresses]


def page(session: str | None, at: int, **fields: object) -> Record:
    return web("d", session, at, **fields)


def test_ids_are_keyed_hashes() -> None:
    sent = form(None, " A@X.org ", 5)
    assert A == "email:c659b88285ed098ed5b97de205d054a4"
    assert of(sent, dict(sent, received_at=9)).leads == {lead(A): {Belonging(event_key(sent), "L3ee94c10fbf77e85")}}


def test_a_visit_is_its_web_events() -> None:
    pages = [page("s", at, url=url, page_kind=kind) for at, url, kind in ((4, "/b", None), (2, "/a", "pricing"))]
    told = [*named("d", "s", 1, "a"), *pages, page("s", 3, rep_link=True), form("d", None, 9, session_id="s")]
    visit = Visit("d", "s", START + 1, START + 4, pages=3, pricing=1, url="/a", rep_link=True)
    assert of(*told).leads[lead(A)] == {Belonging(visit, lead(A)), Belonging(event_key(told[-1]), lead(A))}


def test_a_session_without_a_name_is_its_day() -> None:
    assert of(page(None, 0), page(None, -1)).ownership.keys() == {("d", "day:2024-10-04"), ("d", "day:2024-10-03")}


@pytest.mark.parametrize(
    ("told", "owner"),
    [
        ([(1, "a"), (2, "b")], B),  # the latest
        ([(2, "a"), (2, "b")], max(A, B)),
        ([(1, "a"), (2, "info")], A),  # a person before a role inbox
        ([(1, "info")], INFO),
    ],
)
def test_who_is_named_in_a_session_has_it(told: list[tuple[int, str]], owner: str) -> None:
    found = of(*(each for at, name in told for each in named("d", "s", at, name)))
    assert holds(found, owner) == {"s"} and found.ownership == {("d", "s"): "identified"} and len(found.leads) == 1


def test_a_form_names_who_sent_it_and_a_list_nobody() -> None:
    sent, listed = (
        form("d", "a@x.org", 2, session_id="s"),
        form("d", "b@x.org", 3, session_id="s", form_kind="imported_list"),
    )
    found = of(page("s", 1), sent, listed)
    assert holds(found, A) == {"s", event_key(sent)} and holds(found, B) == {event_key(listed)}


@pytest.mark.parametrize(
    ("start", "whose", "ownership"),
    [
        (6, None, "anonymous"),  # 4 before the first naming; the look-back is 3
        (7, A, "identified"),
        (10, A, "identified"),
        (19, A, "identified"),
        (20, None, "shared"),
    ],
)
def test_a_session_that_names_nobody_goes_by_the_device(start: int, whose: str | None, ownership: str) -> None:
    unnamed = form("d", None, start, session_id="forms")
    found = of(*named("d", "first", 10, "a", "info"), *named("d", "second", 20, "b"), page("s", start), unnamed)
    assert found.ownership["d", "s"] == ownership
    assert {key for key in (A, B, INFO) if "s" in holds(found, key)} == ({whose} if whose else set())
    assert {key for key in (A, B, INFO) if event_key(unnamed) in holds(found, key)} == ({whose} if whose else set())


def test_what_two_persons_share_counts_once_they_are_one() -> None:
    told = [*named("d", "first", 1, "a"), *named("d", "second", 2, "b"), *named("d", "third", 3, "a"), page("s", 4)]
    one = [linked("lead", 1, "b", 9), linked("lead", 1, "a", 9)]
    found = of(*told, *one)
    assert found.ownership["d", "s"] == "shared" and len(found.leads) == 1
    # B was named first later than A, so it is the one that has it: then it was B's, before A came.
    [shared] = [
        item for item in found.leads[lead(min(A, B))] if isinstance(item.what, Visit) and item.what.session == "s"
    ]
    assert shared.then == lead(B)
    assert not any("s" in holds(of(*told, one[0]), key) for key in (A, B))


def test_a_crowd_on_one_device_is_nobody() -> None:
    told, sent = [*named("d", "s", 1, "a", "b", "info"), page("t", 0)], form("d", "c@x.org", 2)
    assert of(*told).ownership["d", "s"] == "identified"
    found = of(*told, sent)
    assert set(found.ownership.values()) == {"shared"} and found.leads.keys() == {lead(C)}


def test_an_erased_device_held_nothing() -> None:
    gone = record("web", 0, type="erased", anonymous_id="d")
    sent = form("d", "a@x.org", 2)
    found = of(gone, *named("d", "s", 1, "a"), form("d", None, 3), sent)
    assert holds(found, A) == {event_key(sent)} and not found.ownership


def test_links_of_the_crm() -> None:
    found = of(
        linked("lead", 1, "a", 1),
        linked("contact", 2, "info", 1),  # a role inbox joins nobody
        crm("lead", "r1", "converted", 2, contact_id="r1"),
        crm("contact", "r3", "converted", 3, lead_id="r1"),
        merged(1, 1, 4),
    )
    assert found.in_force == {(L1, A): True, (C1, L1): True, (C3, L1): True}
    assert found.lead_of == dict.fromkeys((A, L1, C1, C3), lead(A)) and len(found.leads) == 2


@pytest.mark.parametrize(
    ("said", "in_force"),
    [
        ([(1, "merged"), (2, "unmerged")], False),
        ([(2, "merged"), (2, "unmerged")], False),
        ([(2, "merged"), (1, "unmerged")], True),
        ([(2, "merged"), (1, "unmerged"), (3, "unmerged")], False),
        ([(3, "merged"), (2, "unmerged"), (1, "merged")], True),
        ([(1, "unmerged")], False),
    ],
)
def test_the_latest_word_of_a_pair(said: list[tuple[int, str]], in_force: bool) -> None:
    found = of(*(merged(1, 2, at, type_) for at, type_ in said), linked("lead", 3, "a", 0))
    assert found.in_force == {(L1, L2): in_force, (L3, A): True}
    assert found.lead_of == {L1: lead(L1), L2: lead(L1 if in_force else L2), L3: lead(A), A: lead(A)}


def test_then_counts_the_links_of_today_from_when_they_were_first() -> None:
    told = [crm("lead", "r1", "lead_created", 1), linked("lead", 1, "a", 3), crm("lead", "r1", "assigned", 2)]
    again = linked("lead", 1, "a", 9)
    moved = [merged(2, 3, 0), merged(1, 2, 5), crm("lead", "r1", "assigned", 5), again]
    assert {item.then for item in of(*told[::2]).leads[lead(L1)]} == {lead(L1)}
    then = {item.what: item.then for item in of(*told, *moved).leads[lead(L2)]}
    # A is the root of itself and L1 from 3 on: both are linked first at 3, and an e-mail goes first.
    expected = [lead(L1), lead(A), lead(L1), lead(L2), lead(L2), lead(L2), lead(L2)]
    assert then == dict(zip(map(event_key, [*told, *moved]), expected, strict=True))
    undone = of(*told, *moved, merged(1, 2, 6, "unmerged")).leads
    assert {item.then for item in undone[lead(A)]} == {lead(L1), lead(A)}


def test_a_hub_and_an_oversize_lead_join_nobody() -> None:
    hub = [linked("lead", number, "a", number) for number in (1, 2, 3)]
    assert set(of(*hub).lead_of.values()) == {lead(A)} and set(of(*hub).why.values()) == {""}
    found = of(*hub, crm("contact", "r1", "lead_updated", 9, email="a@x.org"))
    assert found.lead_of == {each: lead(each) for each in (A, L1, L2, L3, C1)}
    assert found.why == {A: "hub", L1: "", L2: "", L3: "", C1: ""} and found.in_force[L1, A]
    # What was only ever unmerged is no neighbour.
    assert of(*hub[:2], *(merged(1, n, 0, "unmerged") for n in (2, 3, 4, 5))).why[L1] == ""
    long = of(*hub, linked("lead", 1, "b", 5))
    assert set(long.why.values()) == {"oversize"} and long.lead_of[L1] == lead(L1)
    assert {item.then for item in long.leads[lead(L2)]} == {lead(L2)}


@pytest.mark.parametrize(("unblocked", "cut"), [(4, True), (5, True), (6, False)])
def test_a_block_cuts_until_it_is_lifted(unblocked: int, cut: bool) -> None:
    told = [linked("lead", 1, "a", 1), linked("lead", 1, "b", 2)]
    blocks = [crm("lead", "r1", "blocked", at, email="c@x.org") for at in (0, 5, 1)]
    found = of(*told, *blocks, crm("lead", "r1", "unblocked", unblocked), crm("email", "c@x.org", "blocked", 0))
    assert found.why == {A: "", B: "", C: "blocked", L1: "blocked" if cut else ""}
    assert found.lead_of[B] == (lead(B) if cut else lead(A)) and lead(C) not in found.leads
    assert holds(found, L1 if cut else A) == set(map(event_key, told))


def test_what_is_erased_is_gone_and_still_a_neighbour() -> None:
    gone = crm("lead", "r1", "erased", 0, email="b@x.org")
    hub = [linked("lead", number, "a", number) for number in (1, 2, 3)]
    told = [*hub, crm("lead", "r1", "unblocked", 9), form(None, "b@x.org", 9), *named("d", "s", 1, "b")]
    found = of(*told, gone)
    assert found.lead_of == dict.fromkeys((A, L2, L3), lead(A)) and found.in_force.keys() == {(L2, A), (L3, A)}
    assert holds(found, A) == set(map(event_key, hub[1:])) and len(found.leads) == 1
    assert found.ownership == {("d", "s"): "identified"}
    assert of(*told, gone, crm("contact", "r1", "lead_updated", 9, email="a@x.org")).why[A] == "hub"


def deal(at: int, *contacts: str, **fields: str) -> Record:
    people = [{"contact_id": each, "role": None} for each in contacts]
    return crm("opportunity", "o", "opportunity_created", at, contacts=people, **fields)


@pytest.mark.parametrize(
    ("told", "owner"),
    [
        ([deal(1, primary_contact_id="r1"), deal(2, primary_contact_id="r2"), deal(3, lead_id="r3")], C2),
        ([deal(1, lead_id="r1"), deal(2, lead_id="r2"), deal(0, "r1")], L2),
        ([deal(1, "r2"), deal(2, "r1")], C2),
        ([deal(1, "r2", "r1")], C1),
        ([deal(1), deal(2, account_id="acme")], None),
    ],
)
def test_whose_a_deal_is(told: list[Record], owner: str | None) -> None:
    found = of(*told)
    assert found.homeless_deals == (set() if owner else {"o"})
    assert found.leads.keys() == ({lead(owner)} if owner else set())
    assert not owner or holds(found, owner) == set(map(event_key, told))
