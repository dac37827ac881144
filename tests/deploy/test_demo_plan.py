from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.demo import simulate
from deploy.demo_run import DAYS_BEHIND, hold_clock, plan
from deploy.settings import SettingsError, load
from sinks.live import promote
from streams.model import DAY, SECOND
from tests.support.clickhouse import running_clickhouse


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


def test_a_clickhouse_with_facts_keeps_its_clock(tmp_path: Path) -> None:
    with running_clickhouse(tmp_path / "clickhouse") as server, closing(server.client()) as client:
        settings = load(clickhouse_url=server.url, generation=1)
        planned = plan(1, 86400, 60, datetime(2025, 10, 1, 3, 0, tzinfo=UTC))
        promote(client, 1)
        hold_clock(settings, planned)
        client.command("TRUNCATE TABLE facts.clock")
        client.command("INSERT INTO facts.lead_events (generation, lead_id, cause) VALUES (1, 'L1', 'c')")
        with pytest.raises(SettingsError, match="CLICKHOUSE_URL: has facts already"):
            hold_clock(settings, planned)
        assert client.query("SELECT count() FROM facts.clock").result_rows == [(0,)]
