"""Workers: do they report, and how far behind are they."""

from __future__ import annotations

import time

from deploy.checks.finding import Finding
from deploy.settings import Settings
from deploy.wait import Ticks
from sinks.client import connect

REPORT_SECONDS = 3.0  # a worker reports each second
_LAG_TOLD = 10_000
_AGE_TOLD = 600.0  # seconds


def worker(settings: Settings) -> Finding:
    settings.need("clickhouse_url")
    ticks = Ticks(settings)
    try:
        first = ticks.read()
        if not first:
            return Finding(
                "worker", False, f"none of generation {settings.generation} has ever reported", "funnelwatch worker"
            )
        end = time.monotonic() + REPORT_SECONDS
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
    client = connect(settings.clickhouse_address)
    try:
        now = client.query("SELECT toUnixTimestamp64Micro(now) FROM boards.clock").result_rows[0][0]
    finally:
        client.close()
    return (int(now) - reported) / 1e6


def _lag(settings: Settings) -> Finding:
    client = connect(settings.clickhouse_address)
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


def resolver(settings: Settings) -> Finding:
    """How far behind is the one who says who is one person: it has one partition, so no other worker can help it."""
    client = connect(settings.clickhouse_address)
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
