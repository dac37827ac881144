"""The benchmark compares like with like: every variant makes the same rows of the same events."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import throughput
from tests.bench.events import encoded, leads
from tests.bench.results import Repeat, goals, markdown, summary
from tests.bench.rows import Rows
from tests.bench.throughput import WARM_EVENTS, core, measure
from tests.bench.variants import VARIANTS
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company
from tests.support.kafka import TestBroker

EVENTS = 300


@pytest.mark.slow
def test_every_variant_makes_the_same_rows(
    kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throughput, "WARM_SECONDS", 0.2)  # how fast it is is not asked here

    def company(name: str) -> Company:
        folder = tmp_path / name
        folder.mkdir()
        return Company(kafka, clickhouse, folder)

    events, warm = encoded(EVENTS, 1), encoded(WARM_EVENTS, 1, "warm")
    expected = core(company("core"), EVENTS, 1, EVENTS)
    found = {}
    for name, variant in VARIANTS.items():
        if variant.there:
            with_rows = company(name)
            found[name] = measure(variant, with_rows, warm, events, expected)
            with_rows.close()
    assert {name: one.rows for name, one in found.items()} == dict.fromkeys(found, Rows(0, 0, 0))
    told = summary([Repeat(expected, found)], EVENTS, leads(events), {})
    assert told["lost"] == told["doubled"] == 0 and told["ratios"]["ceiling"] > 0 and told["memory_ratio"] > 0
    assert "worker" in markdown(told) and len(list(goals(told))) == 13
