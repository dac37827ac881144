"""Each view's whole answer against the definition of its measure in plain Python, for companies made by chance."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sinks.client import Client
from streams.model import DAY, LeadEvent, Micros
from tests.journey.dsl import DEFINITION
from tests.journey.test_properties import JOURNEYS
from tests.measures.companies import ACCOUNTS, SPANS, Rows, random_journey, rows_of_company, times_in, times_of
from tests.measures.engine import differences, own_client, shown
from tests.measures.oracle.words import day
from tests.measures.reference import reference_of
from tests.measures.table import MEASURES

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("FUNNELWATCH_TEST_EXAMPLES", "6"))  # of each group
GROUPS = {
    "cohorts": "closed_loop closed_loop_activity size_mix prospecting cost_per_step marketing_share",
    "leaks": "measured leak_rate response response_leads cherry_picking money_at_risk",
    "quality": "lead_fate quantity quality handover_quality who_was_right handover_age",
    "afterwards": "regretted_rejection recycling nurture_effect origin_compare coverage",
}


def test_every_measure_is_compared() -> None:
    assert sorted(" ".join(GROUPS.values()).split()) == sorted(MEASURES)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with own_client(tmp_path_factory.mktemp("clickhouse")) as client:
        yield client


@pytest.mark.parametrize("group", GROUPS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # an example costs a second or two: it is shown as it was found
    suppress_health_check=list(HealthCheck),
)
@given(journeys=st.lists(JOURNEYS, min_size=1, max_size=8), luck=st.integers(0, 2**32).map(Random))
def test_small_companies(client: Client, group: str, journeys: list[list[LeadEvent]], luck: Random) -> None:
    compare(client, group, rows_of_company(journeys, luck), luck)


@pytest.mark.parametrize("group", GROUPS)
def test_a_company_of_hundreds(client: Client, group: str) -> None:
    """Large enough for what needs 30 of a kind."""
    luck = Random(f"big {group}")
    compare(client, group, rows_of_company([random_journey(luck) for _ in range(400)], luck), luck)


def compare(client: Client, group: str, rows: Rows, luck: Random) -> None:
    names = GROUPS[group].split()
    times = times_in(rows)
    days = [day(time) for time in times]
    with shown(client, DEFINITION, rows, reference_of(luck, ACCOUNTS, days)) as company:
        found = differences(client, company, names, some_time(rows, luck), some_period(days, luck))
        found += differences(client, company, names, max(times) + 1000 * DAY)
    assert not found, "\n".join(found[:30])


def some_time(rows: Rows, luck: Random) -> Micros:
    """Any, or just when something happened or a measure's time after that is over, or just before."""
    times = times_of(rows)
    if luck.random() < 0.2:
        known = times_in(rows)
        return luck.randint(min(known), max(known))
    just_when = luck.choice(times[luck.choice(sorted(times))])
    return just_when + luck.choice([0, 0, 0, *SPANS]) - luck.choice([0, 0, 1])


def some_period(days: list[date], luck: Random) -> tuple[date, date]:
    since, until = sorted((luck.choice(days), luck.choice(days)))
    return since, until + timedelta(luck.choice([0, 1, 400]))
