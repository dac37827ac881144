"""No event makes the next one dearer without bound: messages per event and state per key, for those that cost most."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from schemas.codec import Codec
from streams.identity.identifiers import IdentityRules
from tests.identity.crowds import CROWDS, chain, cost, flapping, hub, ordinary, tablet
from tests.identity.events import crm
from tests.identity.oracle import Source, truth

RULES = IdentityRules()
K, C = RULES.hub_neighbours, RULES.lead_identifiers


def test_ordinary_people_cost_few_messages() -> None:
    found = cost(ordinary(200))
    assert len(found.world.leads()) == 200
    assert found.mean < 2.7
    assert max(found.messages) <= 8


def test_a_hub_costs_once_and_then_as_little_as_anybody() -> None:
    found = cost(hub(4 * K))
    assert max(found.messages) <= 3 * (K + 2), "when everybody is let go: an assignment, a close and an opening each"
    assert max(found.messages[K + 1 :]) <= 4
    [desk] = [node for node in found.world.nodes() if node.name.startswith("email:")]
    assert (len(desk.members), len(desk.contacted)) == (1, 0)


def test_a_chain_of_merges_moves_everybody_until_it_is_too_long() -> None:
    found = cost(chain(4 * C))
    assert max(found.messages) <= 3 * (C + 2)
    assert max(found.messages[C + 1 :]) <= 4


def test_a_shared_tablet_tells_whom_it_concerns() -> None:
    found = cost(tablet(45, 4))
    assert max(found.messages) <= 3
    assert found.mean < 1.5


def test_who_is_merged_and_unmerged_for_ever_keeps_no_more_of_it() -> None:
    found = cost(flapping(3 * K))
    assert max(found.messages) <= 14
    assert max(len(node.links) for node in found.world.nodes()) <= RULES.remembered_neighbours + 1
    assert max(len(node.contacted) for node in found.world.nodes()) <= K + 2


@pytest.mark.parametrize("crowd", CROWDS)
def test_all_is_quiet_in_the_end(crowd: str) -> None:
    """Said once more, every event of before costs no more than a message to its key, and changes nothing."""
    sources = list(islice(CROWDS[crowd](), 150))
    found = cost([*sources, *sources])
    again = found.messages[len(sources) :]
    assert max(again) <= 3
    assert found.world.leads() == cost(sources).world.leads()


def of_one_person(emails: int, events: int, **fields: str) -> list[Source]:
    """A CRM lead that a machine writes to, and the addresses that it had."""
    said = [crm("lead", "l", "lead_updated", n, email=f"ann{n}@firm.org", **fields) for n in range(emails)]
    return [("crm", record) for record in said] + [
        ("crm", crm("lead", "l", "lead_updated", 1000 + n, event_id=str(n), **fields)) for n in range(events)
    ]


@pytest.mark.parametrize("emails", [0, 1, 4])
def test_a_lead_has_the_earliest_events_and_counts_the_others(emails: int) -> None:
    """Whatever came first, and also when the identifiers become one person only in the end."""
    rules = replace(RULES, events_per_lead=60)
    sources = of_one_person(emails, 100)
    share = 60 // (emails + 1)
    [expected] = truth(sources, rules).beyond.items()
    for order in (sources, sources[::-1], Random(1).sample(sources, len(sources))):
        found = cost(order, rules)
        [(lead, inbox)] = [(lead, inbox) for lead, inbox in found.world.inboxes() if inbox.events()]
        assert (
            sorted(event.occurred_at for event in inbox.events())
            == sorted(record["occurred_at"] for _, record in sources)[:share]
        )
        assert (lead, inbox.beyond()) == expected == (lead, emails + 100 - share)
        assert max(found.messages) <= 3 * (emails + 2)


def test_a_state_is_far_below_what_a_message_may_be() -> None:
    """Events as large as they can be, of as many identifiers as a lead can have, in parts as they are sent."""
    rules = replace(RULES, events_per_lead=400)
    codec = Codec(None)
    largest = {name: name * 50 for name in ("company", "industry", "job_title", "owner_id", "account_id", "changed_by")}
    found = cost(of_one_person(3, 400, **largest), rules)
    [inbox] = [inbox for _, inbox in found.world.inboxes() if inbox.events()]
    state = {"lead": "l", "applied": 1, "inbox": inbox.dump(), "emitted": {}}
    assert 50_000 < len(codec.encode("state/lead", state)) < 400 * 1_500
