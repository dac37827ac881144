from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploy.demo import simulate
from deploy.demo_run import DAYS_BEHIND, plan
from streams.model import DAY, SECOND


@pytest.mark.parametrize("days", range(8))
def test_opens_on_a_tuesday_morning_some_weeks_ago(days: int) -> None:
    now = datetime(2025, 10, 1, 3, 0, tzinfo=UTC) + timedelta(days=days)
    opens = datetime.fromtimestamp(plan(1, 120 * 86400, 60, now).opens / SECOND, UTC)
    assert (opens.weekday(), opens.hour) == (1, 7)
    assert timedelta(days=DAYS_BEHIND - 1) < now - opens < timedelta(days=DAYS_BEHIND + 7)


def test_the_same_seed_and_span_give_the_same_events() -> None:
    planned = plan(7, 5 * 86400, 60, datetime(2025, 10, 1, 3, 0, tzinfo=UTC))
    assert planned.opens - planned.begin == 5 * DAY
    first, second = (list(simulate(7, planned.begin, planned.opens)) for _ in range(2))
    assert first == second != list(simulate(8, planned.begin, planned.opens))
