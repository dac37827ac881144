"""`funnelwatch doctor`: looks at every part, from the settings to the boards, and says what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from rich.table import Table

from deploy.checks import clickhouse, kafka, parts, worker
from deploy.checks.finding import Finding
from deploy.cli.answers import console
from deploy.kafka import KafkaUnavailable
from deploy.settings import Settings, SettingsError

__all__ = ["Finding", "examine", "findings"]

_PATIENCE = 5.0  # seconds per check
_OF_WORKER = _PATIENCE + worker.REPORT_SECONDS


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
        "settings": parts.settings,
        "definition": parts.definition,
        "Kafka": kafka.kafka,
        "topics": kafka.topics,
        "topic settings": kafka.topic_settings,
        "rights": kafka.rights,
        "transactions": kafka.transactions,
        "Schema Registry": parts.registry,
        "ClickHouse": clickhouse.clickhouse,
        "generation": clickhouse.generation,
        "boards": clickhouse.boards,
        "rejects": clickhouse.rejects,
        "reference data": clickhouse.reference,
        "worker": worker.worker,
        "resolver": worker.resolver,
        "viewer": parts.viewer,
    }
    for part, check in checks.items():
        try:
            yield _within(_OF_WORKER if part == "worker" else _PATIENCE, part, check, settings)
        except SettingsError as error:
            yield Finding(part, False, str(error), "set it, or start `funnelwatch up` here and try again")
        except KafkaUnavailable:
            yield Finding(part, False, "not known", "Kafka first")
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
