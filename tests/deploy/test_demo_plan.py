from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from deploy.demo import reference, simulate
from deploy.demo.team import REPS
from deploy.demo_run import DAYS_BEHIND, hold_clock, plan, prepare
from deploy.settings import SettingsError, load
from sinks.live import promote
from streams.definition.load import load_definition
from streams.model import DAY, SECOND
from streams.reference.read import read
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


def test_the_reference_data_is_of_its_company_and_seed(tmp_path: Path) -> None:
    planned = plan(7, 40 * 86400, 60, datetime(2025, 10, 1, 3, 0, tzinfo=UTC))
    days = (date(2025, 7, 25), date(2025, 10, 3))
    assert dict(reference.files(7, *days)) == dict(reference.files(7, *days)) != dict(reference.files(8, *days))
    with running_clickhouse(tmp_path / "clickhouse") as server, closing(server.client()) as client:
        promote(client, 1)
        prepare(load(clickhouse_url=server.url, generation=1), planned)
        loads = client.query("SELECT kind, months FROM boards.loads WHERE in_force ORDER BY kind").result_rows
        months = [date(2025, month, 1) for month in range(7, 11)]
        assert [tuple(row) for row in loads] == [
            ("rates", []),
            ("spend", months),
            ("target_accounts", []),
            ("targets", months),
            ("users", []),
        ]
        reps = {
            str(row[0])
            for row in client.query("SELECT user_id FROM boards.users WHERE department = 'sales'").result_rows
        }
        assert {rep.id for rep in REPS} < reps
        assert client.query("SELECT count(), countIf(amount_reporting IS NULL) FROM boards.spend").result_rows == [
            (40, 0)
        ]
        assert client.query("SELECT uniq(account) FROM boards.target_accounts").result_rows == [(12,)]
        with pytest.raises(SettingsError, match="CLICKHOUSE_URL: has facts already"):
            prepare(load(clickhouse_url=server.url, generation=1), planned)


def test_the_reference_data_has_no_mistake_and_no_warning(tmp_path: Path) -> None:
    for kind, text in reference.files(7, date(2025, 12, 1), date(2026, 2, 1)):
        (tmp_path / f"{kind}.csv").write_text(text)
        found = read(kind, [tmp_path / f"{kind}.csv"], load_definition())
        assert (found.mistakes, found.warnings) == ((), ())
