"""ClickHouse: schema, the generation that is live, what boards can read, what was refused, reference data."""

from __future__ import annotations

from typing import get_args

from deploy.checks.finding import Finding
from deploy.settings import Settings
from sinks.client import SinkError, connect
from sinks.live import live_generation
from sinks.migrate import migrate
from sinks.reader import BoardsReader
from streams.reference import KindName


def clickhouse(settings: Settings) -> Finding:
    settings.need("clickhouse_url")
    try:
        todo = migrate(settings.clickhouse_address, dry_run=True)
    except SinkError as error:
        return Finding("ClickHouse", False, str(error), "is it running, and is CLICKHOUSE_URL right?")
    if todo:
        return Finding(
            "ClickHouse", False, f"{len(todo)} migrations are missing: {', '.join(todo)}", "funnelwatch migrate"
        )
    return Finding("ClickHouse", True, "every migration is applied")


def generation(settings: Settings) -> Finding:
    settings.need("clickhouse_url")
    try:
        client = connect(settings.clickhouse_address)
        live = live_generation(client)
        client.close()
    except Exception:
        return Finding("generation", False, "not known", "ClickHouse first")
    if live is None:
        return Finding("generation", False, "none is live, so boards are empty", "funnelwatch migrate")
    note = "" if live == settings.generation else f"; the settings say {settings.generation}, which boards do not show"
    return Finding("generation", True, f"{live} is live{note}")


def boards(settings: Settings) -> Finding:
    reader = BoardsReader(settings.boards_address)
    try:
        leads = reader.query("SELECT count() FROM boards.leads").rows[0][0]
    except SinkError as error:
        advice = "FUNNELWATCH_BOARDS_URL=http://user:password@host:port and `funnelwatch migrate` make its user"
        return Finding("boards", False, str(error), advice)
    finally:
        reader.close()
    return Finding("boards", True, f"{leads} leads can be read")


def rejects(settings: Settings) -> Finding:
    reader = BoardsReader(settings.boards_address)
    try:
        sql = """SELECT reason, count() FROM boards.rejects
            WHERE appended_at > funnel_now() - INTERVAL 24 HOUR AND retried_at IS NULL
            GROUP BY reason ORDER BY count() DESC, reason"""
        counts = {str(reason): int(number) for reason, number in reader.query(sql).rows}
    except SinkError:
        return Finding("rejects", False, "not known", "ClickHouse first")
    finally:
        reader.close()
    if not counts:
        return Finding("rejects", True, "last 24 h: none")
    each = ", ".join(f"{reason} {number}" for reason, number in counts.items())
    advice = "funnelwatch rejects list --since 24h says which"
    return Finding("rejects", True, f"last 24 h: {sum(counts.values())} ({each})", advice, warning=True)


def reference(settings: Settings) -> Finding:
    """Reference data is nobody's duty; that amounts cannot be converted is worth a look."""
    reader = BoardsReader(settings.boards_address)
    try:
        loaded = {str(kind) for (kind,) in reader.query("SELECT DISTINCT kind FROM boards.loads").rows}
        missing = reader.query("SELECT DISTINCT currency FROM boards.missing_rates ORDER BY currency").rows
    except SinkError:
        return Finding("reference data", False, "not known", "ClickHouse first")
    finally:
        reader.close()
    never = [kind for kind in get_args(KindName) if kind not in loaded]
    detail = f"never loaded: {', '.join(never)}" if never else "every kind is loaded"
    if not missing:
        return Finding("reference data", True, detail)
    named = ", ".join(str(currency) or "amounts without one" for (currency,) in missing)
    advice = "funnelwatch load rates.csv --as rates; boards.missing_rates says for which days"
    return Finding("reference data", True, f"no rate for {named}; {detail}", advice, warning=True)
