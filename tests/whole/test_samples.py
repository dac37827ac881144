"""Every sample through its consumer, and all that follows from it through every other: no surprise, a named outcome."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.samples import Sample, samples
from tests.support.in_memory import TOPICS, Funnel

SOURCES = {"events/web": TOPICS.web, "events/form": TOPICS.form, "events/crm": TOPICS.crm}
INTERNAL = {
    "internal/identity": TOPICS.identity,
    "internal/links": TOPICS.links,
    "internal/lead": TOPICS.lead,
}
EVENTS = [sample for name in SOURCES for sample in samples(name)]


@pytest.mark.parametrize("sample", EVENTS, ids=str)
def test_every_event_sample_becomes_rows(sample: Sample) -> None:
    funnel = Funnel()
    funnel.take([(SOURCES[sample.name], b"key", funnel.codec.encode(sample.name, sample.record))])
    assert not funnel.rejects
    assert funnel.rows or sample.group == "erased", "of what is not there nothing is to be forgotten"


@pytest.mark.parametrize("sample", [sample for name in INTERNAL for sample in samples(name)], ids=str)
def test_every_internal_sample_is_understood(sample: Sample) -> None:
    funnel = Funnel()
    funnel.take([(INTERNAL[sample.name], b"email:00", funnel.codec.encode(sample.name, sample.record))])
    assert not funnel.rejects


def test_all_samples_together_twice_are_the_same_rows() -> None:
    funnel = Funnel()
    records = [(SOURCES[one.name], b"key", funnel.codec.encode(one.name, one.record)) for one in EVENTS]
    funnel.take(records)
    before = standing(funnel)
    funnel.take(reversed(records))
    assert standing(funnel) == before


def standing(funnel: Funnel) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {key: values for key, values in funnel.rows.items() if values and key[0] != "identity_changes"}
