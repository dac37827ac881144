"""No event makes the next one dearer without bound: messages per event and state per key, for those that cost most."""

from __future__ import annotations

from itertools import islice

import pytest

from streams.identity.identifiers import IdentityRules
from tests.identity.crowds import CROWDS, chain, cost, flapping, hub, ordinary, tablet

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
