"""`funnelwatch doctor`: looks at every part, from the settings to the boards, and says what to do."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.table import Table

from deploy import topics
from deploy.cli.answers import console
from deploy.kafka import KafkaUnavailable, admin
from deploy.settings import Settings, SettingsError
from deploy.wait import Ticks
from deploy.worker import codec_of
from schemas.codec import RegistryError
from sinks.client import SinkError, connect
from sinks.live import live_generation
from sinks.migrate import migrate
from sinks.reader import BoardsReader
from streams.definition.load import DefinitionError, load_definition

_REPORT_SECONDS = 3.0  # a worker reports each second
_LAG_TOLD = 10_000
_AGE_TOLD = 600.0  # seconds
_PATIENCE = 5.0  # seconds per check
_OF_WORKER = _PATIENCE + _REPORT_SECONDS


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    ok: bool
    detail: str
    advice: str = ""
    warning: bool = False  # worth a look, yet nothing is wrong


def examine(settings: Settings) -> int:
    """Prints what was found; 1 if anything is wrong."""
    found = list(findings(settings))
    table = Table("part", "", "what was found", "what to do")
    for one in found:
        table.add_row(one.part, _mark(one), one.detail, one.advice)
    console().print(table)
    return 0 if all(one.ok for one in found) else 1


def _mark(one: Finding) -> str:
    return "WRONG" if not one.ok else "look" if one.warning else "ok"


def findings(settings: Settings) -> Iterator[Finding]:
    """In the order of the flow; never raises for what a part does."""
    checks: dict[str, Callable[[Settings], Finding]] = {
        "settings": _settings,
        "definition": _definition,
        "Kafka": _kafka,
        "topics": _topics,
        "Schema Registry": _registry,
        "ClickHouse": _clickhouse,
        "generation": _generation,
        "boards": _boards,
        "rejects": _rejects,
        "worker": _worker,
        "resolver": _resolver,
        "viewer": _viewer,
    }
    for part, check in checks.items():
        try:
            yield _within(_OF_WORKER if part == "worker" else _PATIENCE, part, check, settings)
        except SettingsError as error:
            yield Finding(part, False, str(error), "set it, or start `funnelwatch up` here and try again")
        except Exception as error:  # the doctor tells of illness, and does not catch it
            yield Finding(
                part, False, f"{type(error).__name__}: {' '.join(str(error).split())}", "see the log of this part"
            )


def _within(patience: float, part: str, check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    """What the check finds or raises; a part that hangs is left to a thread that ends with us."""
    outcome: list[Finding | Exception] = []

    def run() -> None:
        try:
            outcome.append(check(settings))
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run, name=part, daemon=True)
    thread.start()
    thread.join(patience)
    if not outcome:
        return Finding(part, False, f"no answer within {patience:g} s", "it runs and hangs, or the machine is too busy")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def _settings(settings: Settings) -> Finding:
    settings.need("kafka_bootstrap_servers", "clickhouse_url", "email_key")
    return Finding("settings", True, f"generation {settings.generation}, {settings.partitions} partitions")


def _definition(settings: Settings) -> Finding:
    try:
        definition = load_definition(settings.definition)
    except DefinitionError as error:
        return Finding("definition", False, str(error), "correct the file")
    signed = "signed by both sides" if definition.signed else "not signed by both sides yet"
    return Finding("definition", True, f"version {definition.version}, {signed}")


def _kafka(settings: Settings) -> Finding:
    try:
        brokers = admin(settings, timeout=4).list_topics(timeout=4).brokers
    except KafkaUnavailable as error:
        return Finding(
            "Kafka", False, str(error), "is it running, and are KAFKA_BOOTSTRAP_SERVERS and KAFKA_SECURITY_* right?"
        )
    return Finding("Kafka", True, f"{settings.kafka_bootstrap_servers}: {len(brokers)} brokers")


def _topics(settings: Settings) -> Finding:
    try:
        found = topics.look(settings)
        topics.check(found)
    except KafkaUnavailable:
        return Finding("topics", False, "not known", "Kafka first")
    except topics.TopicsError as error:
        return Finding("topics", False, str(error), "funnelwatch topics creates what is missing")
    return Finding("topics", True, f"all {len(found)} are as they must be")


def _registry(settings: Settings) -> Finding:
    if settings.schema_registry_url is None:
        return Finding("Schema Registry", True, "none; schemas are numbered by each process alike")
    try:
        codec_of(settings)
    except RegistryError as error:
        return Finding("Schema Registry", False, str(error), "is it running, and is SCHEMA_REGISTRY_AUTH right?")
    return Finding("Schema Registry", True, f"{settings.schema_registry_url}: all schemas are there")


def _clickhouse(settings: Settings) -> Finding:
    settings.need("clickhouse_url")
    try:
        todo = migrate(str(settings.clickhouse_url), dry_run=True)
    except SinkError as error:
        return Finding("ClickHouse", False, str(error), "is it running, and is CLICKHOUSE_URL right?")
    if todo:
        return Finding(
            "ClickHouse", False, f"{len(todo)} migrations are missing: {', '.join(todo)}", "funnelwatch migrate"
        )
    return Finding("ClickHouse", True, "every migration is applied")


def _generation(settings: Settings) -> Finding:
    settings.need("clickhouse_url")
    try:
        client = connect(str(settings.clickhouse_url))
        live = live_generation(client)
        client.close()
    except Exception:
        return Finding("generation", False, "not known", "ClickHouse first")
    if live is None:
        return Finding("generation", False, "none is live, so boards are empty", "funnelwatch migrate")
    note = "" if live == settings.generation else f"; the settings say {settings.generation}, which boards do not show"
    return Finding("generation", True, f"{live} is live{note}")


def _boards(settings: Settings) -> Finding:
    reader = BoardsReader(settings.boards_address)
    try:
        leads = reader.query("SELECT count() FROM boards.leads").rows[0][0]
    except SinkError as error:
        advice = "FUNNELWATCH_BOARDS_URL=http://user:password@host:port and `funnelwatch migrate` make its user"
        return Finding("boards", False, str(error), advice)
    finally:
        reader.close()
    return Finding("boards", True, f"{leads} leads can be read")


def _rejects(settings: Settings) -> Finding:
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


def _worker(settings: Settings) -> Finding:
    settings.need("clickhouse_url")
    ticks = Ticks(settings)
    try:
        first = ticks.read()
        if not first:
            return Finding(
                "worker", False, f"none of generation {settings.generation} has ever reported", "funnelwatch worker"
            )
        end = time.monotonic() + _REPORT_SECONDS
        while ticks.read() == first:
            if time.monotonic() > end:
                said = f"last report {_ago(settings, first):.0f} s ago"
                return Finding("worker", False, said, "is it running? its log says why not")
            time.sleep(0.1)
    finally:
        ticks.close()
    return _lag(settings)


def _ago(settings: Settings, reported: int) -> float:
    """Seconds by the boards' clock, which is what a worker's reports are dated by."""
    client = connect(str(settings.clickhouse_url))
    try:
        now = client.query("SELECT toUnixTimestamp64Micro(now) FROM boards.clock").result_rows[0][0]
    finally:
        client.close()
    return (int(now) - reported) / 1e6


def _lag(settings: Settings) -> Finding:
    client = connect(str(settings.clickhouse_url))
    try:
        sql = (
            "SELECT step, sum(lag) FROM facts.progress FINAL WHERE generation = {g:UInt32} GROUP BY step ORDER BY step"
        )
        lags = {str(step): int(lag) for step, lag in client.query(sql, {"g": settings.generation}).result_rows}
    finally:
        client.close()
    behind = ", ".join(f"{step} {lag}" for step, lag in lags.items() if lag > 0) or "none"
    advice = "it is catching up; more worker processes share the work" if sum(lags.values()) > _LAG_TOLD else ""
    return Finding("worker", True, f"reports; records behind: {behind}", advice)


def _resolver(settings: Settings) -> Finding:
    """How far behind is the one who says who is one person: it has one partition, so no other worker can help it."""
    client = connect(str(settings.clickhouse_url))
    try:
        sql = """
            SELECT count(), sum(lag), dateDiff('microsecond', min(as_of), funnel_now()) / 1e6
            FROM facts.progress FINAL WHERE generation = {g:UInt32} AND step = 'resolve'"""
        reports, lag, age = client.query(sql, {"g": settings.generation}).result_rows[0]
    finally:
        client.close()
    if not reports:
        return Finding("resolver", False, "has never reported, so nobody is stitched", "funnelwatch worker")
    behind = lag > _LAG_TOLD or age > _AGE_TOLD
    advice = "deploy/runbooks/resolver.md" if behind else ""
    return Finding("resolver", True, f"{lag} links behind, as of {max(age, 0.0):.0f} s ago", advice, warning=behind)


def _viewer(settings: Settings) -> Finding:
    try:
        with urllib.request.urlopen(f"{settings.viewer_url}/healthz", timeout=4) as answer:
            answer.read()
    except OSError as error:
        return Finding("viewer", False, f"{settings.viewer_url}: {error}", "funnelwatch viewer")
    return Finding("viewer", True, settings.viewer_url)
