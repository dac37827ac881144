from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sinks.client import Client, SinkError
from sinks.migrate import HERE, MigrationError, migrate, scripts
from sinks.tables import TABLES, Table
from tests.support.clickhouse import LocalClickHouse

PROMISED = {  # design section 8
    "leads": "lead_id crm_record_id stage cycle owner channel origin claimed_by_sales claimed_by_marketing account"
    " size_band industry region score began_at stage_since last_event_at definition_version",
    "stage_entries": "lead_id cycle stage entered_at left_at next skipped regressed owner channel origin size_band"
    " industry region score",
    "obligations": "lead_id cycle kind owed_by owner opened_at warn_at due_at met_at ended_at state",
    "obligations_as_of": "lead_id cycle kind owed_by owner opened_at warn_at due_at met_at ended_at state",
    "touches": "lead_id occurred_at kind channel campaign",
    "visits": "anonymous_id session_id started_at ended_at pages channel country landing ownership cause"
    " definition_version",
    "visitors": "anonymous_id first_seen last_seen sessions pages channel country ownership",
    "activities": "lead_id occurred_at kind direction human outcome actor",
    "deals": "lead_id deal_id stage status kind amount created_at closed_at days_to_close before_first_contact",
    "rejects": "topic partition offset reason detail appended_at refused_at retried_at",
    "identity_links": "a b first_at merged_at unmerged_at in_force effective first_event merge_event unmerge_event"
    " definition_version",
    "identities": "identifier lead_id kind record_id why linked_at",
    "identity_changes": "changed_at from_lead to_lead what at event gone identifiers events stages obligations deals",
    "closed_loop": "as_of day month channel origin size_band industry region visitors inquiries mql sal sql"
    " opportunities customers revenue",
    "leak_rate": "as_of day kind owed_by owner channel origin size_band industry region due leaking recovered lost met"
    " open warned voided",
    "data_as_of": "scope name as_of lag",
    "definition": "version signed signed_by_marketing marketing_date signed_by_sales sales_date committee_size"
    " mql_matures vanished_after customer_within regret_within old_at_handover influence_look_back small_n satisfied_at"
    " mature_win",
    "definition_stages": "stage rank aside activities job_aid exits",
    "definition_obligations": "kind owed_by rolling due warn meets_moments meets_stages meets_has",
    "definition_origins": "origin kind generated_by",
    "working_days": "calendar day",
    "loads": "version loaded_at loaded_by kind file rows months replaced in_force",
    "users": "user_id name department role calendar region valid_from valid_to file line",
    "spend": "first_day last_day channel campaign amount currency amount_reporting reporting_currency problem",
    "spend_daily": "day channel campaign amount currency rate amount_reporting reporting_currency problem",
    "targets": "first_day last_day region industry stage origin leads file line",
    "target_accounts": "account name division committee_role committee_size file line",
    "rates": "currency valid_from valid_to rate reporting_currency file line",
    "reporting_currency": "currency",
    "deals_reporting": "deal_id lead_id amount currency day amount_reporting reporting_currency problem",
    "missing_rates": "kind currency amounts first_day last_day",
    "sources": "source brings last_event_at usual_gap_s silent_s is_silent",
    "verdicts": "lead_id kind cause owner owed_by due_at verdict why",
}


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_the_live_schema_is_the_declared_one(client: Client, table: Table) -> None:
    columns = client.query(
        "SELECT name, type, default_expression FROM system.columns WHERE database = 'facts' AND table = {t:String}"
        " ORDER BY position",
        parameters={"t": table.name},
    ).result_rows
    assert [tuple(row) for row in columns] == [(c.name, c.type, c.default) for c in table.columns]
    engine, sorting, partition = client.query(
        "SELECT engine_full, trim(BOTH '()' FROM sorting_key), partition_key FROM system.tables"
        " WHERE database = 'facts' AND name = {t:String}",
        parameters={"t": table.name},
    ).result_rows[0]
    assert str(engine).startswith(table.engine)
    assert (sorting, partition) == (", ".join(table.sorting), table.partition)


@pytest.mark.parametrize("view", PROMISED)
def test_the_promised_views_have_their_columns(client: Client, view: str) -> None:
    source = f"boards.{view}" + ("(at = now64(6))" if view == "obligations_as_of" else "")
    found = [str(row[0]) for row in client.query(f"DESCRIBE TABLE {source}").result_rows]
    promised = PROMISED[view].split()
    assert set(promised) <= set(found)
    if view in ("stage_entries", "obligations", "obligations_as_of"):
        assert found[: len(promised)] == promised
    if view == "leads":
        assert found == promised


def test_no_view_shows_more_than_one_generation() -> None:
    for path in (HERE / "views").glob("*.sql"):
        for source in re.findall(r"FROM facts\.(\w+) FINAL(.{0,120})", path.read_text(), re.DOTALL):
            assert "generation = " in source[1] or not TABLES[source[0]].has_generation, f"{path.name}: {source[0]}"


def test_migrating_again_does_nothing(clickhouse: LocalClickHouse) -> None:
    assert migrate(clickhouse.url) == []


def test_a_dry_run_names_what_is_missing_and_changes_nothing(clickhouse: LocalClickHouse, tmp_path: Path) -> None:
    root = copy_of_sql(tmp_path)
    (root / "migrations" / "9999_new.sql").write_text("CREATE TABLE facts.never (a UInt8) ENGINE = Memory;\n")
    assert migrate(clickhouse.url, dry_run=True, root=root) == ["9999_new"]
    assert migrate(clickhouse.url, dry_run=True, root=root) == ["9999_new"]


def test_a_changed_migration_is_refused_by_name(clickhouse: LocalClickHouse, tmp_path: Path) -> None:
    root = copy_of_sql(tmp_path)
    first = root / "migrations" / "0001_facts.sql"
    first.write_text(first.read_text() + "-- changed\n")
    with pytest.raises(MigrationError, match="0001_facts was changed"):
        migrate(clickhouse.url, root=root)


def test_a_changed_view_brings_all_views_anew(clickhouse: LocalClickHouse, tmp_path: Path) -> None:
    root = copy_of_sql(tmp_path)
    view = root / "views" / "10_rejects.sql"
    view.write_text("-- another comment\n" + view.read_text())
    try:
        assert migrate(clickhouse.url, root=root) == [script.name for script in scripts(root) if script.repeatable]
    finally:
        migrate(clickhouse.url)


def test_a_wrong_statement_names_its_file(clickhouse: LocalClickHouse, tmp_path: Path) -> None:
    root = copy_of_sql(tmp_path)
    (root / "migrations" / "9998_wrong.sql").write_text("CREATE TABEL x;\n")
    with pytest.raises(SinkError, match=r"9998_wrong: .*Syntax error"):
        migrate(clickhouse.url, root=root)


def test_two_processes_may_migrate_at_once(clickhouse: LocalClickHouse, client: Client, tmp_path: Path) -> None:
    root = copy_of_sql(tmp_path)
    (root / "migrations" / "9997_more.sql").write_text(
        "CREATE TABLE IF NOT EXISTS facts.more (a UInt8) ENGINE = MergeTree ORDER BY a;\n"
    )
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: migrate(clickhouse.url, root=root), range(4)))
    assert migrate(clickhouse.url, root=root) == []
    client.command("DROP TABLE facts.more")


def test_no_server_is_a_one_line_error() -> None:
    with pytest.raises(SinkError, match=r"no ClickHouse at 127\.0\.0\.1:9"):
        migrate("http://default:x@127.0.0.1:9")
    with pytest.raises(SinkError, match="not a ClickHouse URL"):
        migrate("127.0.0.1:8123")


def copy_of_sql(to: Path) -> Path:
    for folder in ("migrations", "views"):
        shutil.copytree(HERE / folder, to / folder)
    return to
