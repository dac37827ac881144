"""Whatever the order, the faults and the repetitions: in the end every event is where the whole set says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from fastavro.validation import validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import catalog
from schemas.codec import Codec
from streams.identity.identifiers import IdentityRules
from streams.model import Record
from tests.identity.stories import SMALL, check, some_event, story, story_of
from tests.identity.world import World


@pytest.mark.parametrize("block", range(9))
def test_seeded_stories_end_as_the_whole_set_says(block: int) -> None:
    for seed in range(block * 500, block * 500 + 500):
        story_of(seed)


@given(st.randoms(use_true_random=False), st.sampled_from([0.0, 0.1, 0.3]))
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_story_ends_as_the_whole_set_says(random: Random, faults: float) -> None:
    story(random, SMALL, faults, most=12)


def test_messages_and_states_survive_their_schemas() -> None:
    codec = Codec(None)

    def wire(name: str, record: Record) -> Record:
        again = codec.decode(name, codec.encode(name, record))
        assert again == record
        if name.startswith("state/"):  # which is encoded whatever its shape
            validate(record, catalog.current(name), strict=True)
        return again

    for seed in range(15):
        random = Random(seed)
        sources = [some_event(random) for _ in range(40)]
        world = World(SMALL, 2, random, wire=wire)
        world.run(sources, faults=0.1)
        check(world, sources, SMALL)


def test_a_crowd_on_one_device_is_nobody() -> None:
    """Beyond the cap who was told is not known, so this needs what transactions give: nothing is said in vain."""
    rules = replace(SMALL, identifiers_per_device=2)
    for seed in range(150):
        random = Random(seed)
        sources = [some_event(random) for _ in range(25)]
        world = World(rules, 2, random, transactions=True)
        world.run([*sources, *sources[:5]], faults=0.1)
        check(world, sources, rules)


SOURCES_CAPPED = replace(SMALL, events_per_session=2, forms_per_session=1, sessions_per_device=2, events_per_deal=2)
IDENTIFIERS_CAPPED = replace(SMALL, events_per_identifier=3)


@pytest.mark.parametrize("rules", [SOURCES_CAPPED, IDENTIFIERS_CAPPED])
def test_what_the_caps_keep_does_not_depend_on_the_order(rules: IdentityRules) -> None:
    for seed in range(150):
        random = Random(seed)
        sources = [some_event(random) for _ in range(40)]
        if rules is IDENTIFIERS_CAPPED:
            # Who had a deal or a visit for a while keeps a place for it, and that does depend on the order.
            sources = [source for source in sources if source[0] == "crm" or not source[1]["anonymous_id"]]
            sources = [source for source in sources if source[1].get("record_kind") != "opportunity"]
        # At most one event at a time: what a full session makes of simultaneous ones is left to chance.
        for moment, (_, record) in enumerate(sources):
            record["occurred_at"] += moment * 10
        ends = []
        for _ in range(2):
            random.shuffle(sources)
            world = World(rules, random.choice([1, 2]), random, transactions=True)
            world.run([*sources, *sources[:5]], faults=0.1)
            ends.append((world.leads(), world.table("visits"), world.table("deals")))
        assert ends[0] == ends[1], seed
        assert ends[0][0], "somebody is there"
        most = max(len(sessions) for sessions in _sessions_by_device(ends[0][1]).values())
        assert most <= rules.sessions_per_device


def _sessions_by_device(visits: Mapping[tuple[str, ...], object]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"": set()}
    for device, session in visits:
        found.setdefault(device, set()).add(session)
    return found
