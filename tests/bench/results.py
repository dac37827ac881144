"""What was measured, as .bench/results.json for programs and .bench/results.md for people."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.events import encoded, leads
from tests.bench.throughput import Expected, Measured
from tests.bench.variants import QUIX_PYTHON, ROOT, VARIANTS

FOLDER = ROOT / ".bench"
RATIOS = {"ceiling": ("bare", 0.8), "quix": ("quix", 1.3), "stock": ("stock", 10.0)}
FRESH = {"visitor": 0.5, "known": 1.0, "new": 1.5}  # p95 at half load, seconds; at 80 % twice that
OTHERS = ("freshness", "recovery", "flat")  # modules with `measure` and `table`
PACKAGES = ("faust-streaming", "aiokafka", "confluent-kafka", "fastavro", "clickhouse-connect", "chdb-core")


def _key(part: str) -> str:
    return "freshness_s" if part == "freshness" else part


class Repeat(NamedTuple):
    core: Expected
    variants: dict[str, Measured]


class Spread(NamedTuple):
    median: float
    min: float
    max: float

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Spread | None:
        found = list(numbers)
        return cls(statistics.median(found), min(found), max(found)) if found else None


def summary(repeats: list[Repeat], events: int, people: int, others: dict[str, Any]) -> dict[str, Any]:
    """`others`: what freshness, recovery and flat cost say, by name; each may be missing."""

    def spread(name: str, what: Callable[[Measured], float]) -> Spread | None:
        return Spread.of(what(repeat.variants[name]) for repeat in repeats if name in repeat.variants)

    def ratio(to: str, what: Callable[[Measured], float]) -> Spread | None:
        both = [one.variants for one in repeats if "worker" in one.variants and to in one.variants]
        return Spread.of(what(one["worker"]) / what(one[to]) for one in both)

    def by_cpu(one: Measured) -> float:
        return one.events / one.cpu_seconds

    wall = {name: ratio(to, lambda one: one.rate) for name, (to, _) in RATIOS.items()}
    workers = [one.variants["worker"].rows for one in repeats if "worker" in one.variants]
    memory = ratio("bare", lambda one: one.memory_mb)
    found: dict[str, Any] = {
        "ratios": {name: one and round(one.median, 3) for name, one in wall.items()},
        _key("freshness"): others.get("freshness"),
        "lost": sum(one.lost for one in workers) if workers else None,
        "doubled": sum(one.doubled for one in workers) if workers else None,
        "different": sum(one.different for one in workers) if workers else None,
        "spread": {name: one and [round(n, 3) for n in one[1:]] for name, one in wall.items()},
        "cpu_ratios": {name: _rounded(ratio(to, by_cpu), 3) for name, (to, _) in RATIOS.items()},
        "events_per_second": {
            "core": _rounded(Spread.of(one.core.events / one.core.seconds for one in repeats), 0),
            **{name: _rounded(spread(name, lambda one: one.rate), 0) for name in VARIANTS},
        },
        "events_per_cpu_second": {name: _rounded(spread(name, by_cpu), 0) for name in VARIANTS},
        "memory_mb": {name: _rounded(spread(name, lambda one: one.memory_mb), 0) for name in VARIANTS},
        "memory_ratio": memory and round(memory.median, 2),
        "rows": {
            name: [one.variants[name].rows._asdict() for one in repeats if name in one.variants] for name in VARIANTS
        },
        "events": {name: events // variant.share for name, variant in VARIANTS.items()},
        "leads": people,
        "messages_per_event": round(repeats[0].core.messages / repeats[0].core.events, 2) if repeats else None,
        "repeats": len(repeats),
        "recovery": others.get("recovery"),
        "flat": others.get("flat"),
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "system": platform.platform()},
        "versions": {"python": platform.python_version(), "quixstreams": _quix()}
        | {name: version(name) for name in PACKAGES},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    found["goals"] = list(goals(found))
    return found


def goals(found: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Each goal with what was found, None where that was not measured."""

    def goal(name: str, wanted: str, value: float | None, met: Callable[[float], bool]) -> dict[str, Any]:
        return {"goal": name, "wanted": wanted, "found": value, "met": None if value is None else met(value)}

    for name, (to, least) in RATIOS.items():
        value = found["ratios"][name]
        yield goal(f"worker ÷ {VARIANTS[to].name}", f"at least {least:g}", value, lambda x, least=least: x >= least)  # type: ignore[misc]
    yield goal("memory, worker ÷ bare", "at most 2", found["memory_ratio"], lambda x: x <= 2)
    for name in ("lost", "doubled"):
        yield goal(f"rows {name}", "0", found[name], lambda x: x == 0)
    for who, most in FRESH.items():
        for load, limit in ((50, most), (80, 2 * most)):
            value = ((found["freshness_s"] or {}).get(who) or {}).get(f"p95_at_{load}")
            name = f"freshness p95, {who}, at {load} %"
            yield goal(name, f"at most {limit:g} s", value, lambda x, limit=limit: x <= limit)  # type: ignore[misc]
    recovery = found["recovery"] or {}
    yield goal("recovery ÷ stock's", "at least 10", recovery.get("ratio_records_per_s"), lambda x: x >= 10)


def markdown(found: dict[str, Any]) -> str:
    machine = found["machine"]
    lines = [
        f"# Benchmark of {found['date'][:10]}",
        "",
        f"{machine['cores']} cores of {machine['processor']}; each variant alone on one of them, Kafka and ClickHouse"
        f" on the other; {found['repeats']} repeats; {found['leads']:,} leads had events.",
        "",
        "| variant | events | events/s: median (min to max) | a CPU second | worker ÷ it | by CPU | peak memory, MB |"
        " rows lost, doubled, different |",
        "|---|---|---|---|---|---|---|---|",
        f"| the core alone, in memory | | {_told(found['events_per_second']['core'])} | | | | | |",
    ]
    for name, variant in VARIANTS.items():
        if (rate := found["events_per_second"][name]) is None:
            continue
        label = next((label for label, (to, _) in RATIOS.items() if to == name), None)
        ratio = found["ratios"].get(label)
        low, high = found["spread"].get(label) or (0, 0)
        by_cpu = (found["cpu_ratios"].get(label) or {}).get("median")
        rows = found["rows"][name]
        wrong = ", ".join(str(sum(one[what] for one in rows)) for what in ("lost", "doubled", "different"))
        lines.append(
            f"| {variant.what} | {found['events'][name]:,} | {_told(rate)} |"
            f" {found['events_per_cpu_second'][name]['median']:,.0f} |"
            f" {f'{ratio:.2f} ({low:.2f} to {high:.2f})' if ratio else ''} | {f'{by_cpu:.2f}' if by_cpu else ''} |"
            f" {found['memory_mb'][name]['median']:,.0f} | {wrong} |"
        )
    lines += ["", "What is given fewer events is given the first of the same, and the ratio is per event.", ""]
    lines += ["| goal | wanted | found | met |", "|---|---|---|---|"]
    for one in found["goals"]:
        value = "not measured" if one["found"] is None else f"{one['found']:.3g}"
        met = {None: "", True: "yes", False: "**no**: see profile.txt"}[one["met"]]
        lines.append(f"| {one['goal']} | {one['wanted']} | {value} | {met} |")
    for part in OTHERS:
        if of := found[_key(part)]:
            lines += ["", f"## {part}", "", "```", import_module(f"tests.bench.{part}").table(of), "```"]
    return "\n".join(lines) + "\n"


def write(repeats: list[Repeat], events: int, others: dict[str, Any]) -> dict[str, Any]:
    """Returns what results.json says."""
    found = summary(repeats, events, leads(encoded(events, 0)), others)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "results.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    (FOLDER / "results.md").write_text(markdown(found))
    return found


def _rounded(found: Spread | None, digits: int) -> dict[str, float] | None:
    return found and {name: round(number, digits) for name, number in found._asdict().items()}


def _told(found: dict[str, float]) -> str:
    return f"{found['median']:,.0f} ({found['min']:,.0f} to {found['max']:,.0f})"


def _processor() -> str:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return names[0].partition(": ")[2] if names else platform.machine()


def _quix() -> str | None:
    if not QUIX_PYTHON.exists():
        return None
    command = [str(QUIX_PYTHON), "-c", "import importlib.metadata as m; print(m.version('quixstreams'))"]
    return str(subprocess.run(command, capture_output=True, text=True, check=True).stdout).strip()
