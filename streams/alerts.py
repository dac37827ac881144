"""What to say of leaks, and when: one message per obligation and change. Pure; streams/worker/alerting.py carries it
out.

What was said last of each key is all the memory there is, and it is read from the topic itself: so a restart forgets
nothing and repeats nothing. What is said of an obligation is `warned` and `leaking`, and then, of what was announced,
how it ended: `recovered` (met late), `met` (in time, or the news of it came late), `lost` (given up), `voided` (junk,
opted out), `withdrawn` (there is no such obligation any more: its facts changed, or its lead is part of another one).
A warning that comes when it is due already is not said; a leak is, even one that came and went while nobody looked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from streams.alert import OPEN, Alert, Look, Owed, Rules
from streams.model import DAY, Micros
from streams.verdict import PIPELINE, Gap, judge

CLOSED_KEPT: Micros = DAY  # how long a receiver that was away finds how it ended, before the key is deleted


class Decision(NamedTuple):
    """messages: in their order, by key; None deletes the key. held: alerts that are held back now."""

    messages: list[tuple[str, Alert | None]]
    held: int


Said = Mapping[str, Alert]


def kept_time(said: Said) -> Micros | None:
    """Up to when a former worker had judged; None where nobody ever said anything."""
    return max((alert.data_until for alert in said.values()), default=None)


def decide(said: Said, kept: Micros | None, look: Look, rules: Rules) -> Decision:
    """What is to be said now. kept: up to when was judged before; None: never, and so what is over is no news."""
    since = look.judged if kept is None else kept
    held: Counter[Gap] = Counter()
    alerts: list[tuple[str, Alert]] = []
    gone: list[str] = []
    seen: set[str] = set()
    for row in look.rows:
        seen.add(row.key)
        last = said.get(row.key)
        was = last.change if last and last.change in OPEN else ""
        if row.state == "leaking" and row.due_at <= look.now - rules.within:
            gone += [row.key] if was else []
            continue
        gap = _hold(row, was, look, rules)
        if gap is not None:
            held[gap] += 1
            continue
        if last is not None and last.change == row.state:
            continue
        for change, at in _changes(row, was, since, look):
            alerts.append((row.key, _alert(row, change, at, look, rules)))
    for key, last in said.items():
        if last.change in OPEN and key not in seen and look.complete >= last.data_until:
            ended = last._replace(change="withdrawn", state="", at=look.complete, verdict="", why="")
            alerts.append((key, ended._replace(data_until=look.judged, generation=rules.generation)))
    alerts += _about_holding(said, held, look, rules)
    alerts.sort(key=lambda one: one[1].at)
    said_anew = {key for key, _ in alerts}
    gone += [key for key in _over(said, look) if key not in said_anew]
    return Decision([*alerts, *((key, None) for key in gone)], sum(held.values()))


def _hold(row: Owed, was: str, look: Look, rules: Rules) -> Gap | None:
    """What the alert has to wait for."""
    gap: Gap | None = None
    if row.state == "warned" and was != "warned" and row.warn_at > look.complete:
        gap, since = Gap(PIPELINE, look.complete), row.warn_at
    elif row.state == "leaking" and was != "leaking":
        gap, since = look.data.missing(row.due_at), row.due_at
    return None if gap is None or look.now >= since + rules.hold else gap


def _changes(row: Owed, was: str, since: Micros, look: Look) -> Iterator[tuple[str, Micros]]:
    """Change and its time. was: what is said of it and still open."""
    if row.state == "open":
        if was:  # it is due later than was known
            yield "withdrawn", look.complete
    elif row.state == "warned":
        if was != "warned":
            yield "warned", row.warn_at
    elif row.state == "leaking":
        if was != "leaking":
            yield "leaking", row.due_at
    elif row.settled_at is not None:
        unseen = row.state in ("recovered", "lost") and since < row.due_at < row.settled_at and was != "leaking"
        if unseen and row.due_at <= look.complete and look.data.missing(row.due_at) is None:
            yield "leaking", row.due_at
            yield row.state, row.settled_at
        elif was:
            yield row.state, row.settled_at


def _alert(row: Owed, change: str, at: Micros, look: Look, rules: Rules) -> Alert:
    who, why = judge(row.owed_by, row.due_at, look.data) if change == "leaking" else ("", "")
    return Alert(
        change=change,
        at=at,
        data_until=look.judged,
        generation=rules.generation,
        lead_id=row.lead_id,
        kind=row.kind,
        cause=row.cause,
        state=row.state,
        owed_by=row.owed_by,
        owner=row.owner,
        verdict=who,
        why=why,
        opened_at=row.opened_at,
        warn_at=row.warn_at,
        due_at=row.due_at,
        settled_at=row.settled_at,
        definition_version=row.definition_version,
    )


def _about_holding(said: Said, held: Counter[Gap], look: Look, rules: Rules) -> Iterator[tuple[str, Alert]]:
    """That alerts are held back, again when they are twice as many, and that it is over."""

    def told(change: str, at: Micros, source: str, count: int) -> tuple[str, Alert]:
        alert = Alert(change, at, look.judged, rules.generation, source=source, held_count=count)
        return _held_key(source), alert

    lasting = {gap.source for gap in look.data.silent}
    if look.behind:
        lasting.add(PIPELINE)
    for gap, count in held.items():
        last = said.get(_held_key(gap.source))
        known = last.held_count if last and last.change == "held" else 0
        if gap.source in lasting and count >= max(1, 2 * known):
            yield told("held", gap.since, gap.source, count)
    for last in said.values():
        if last.change == "held" and (look.behind is False if last.source == PIPELINE else last.source not in lasting):
            yield told("released", look.complete, last.source, last.held_count)


def _held_key(source: str) -> str:
    return "held/pipeline" if source == PIPELINE else f"held/source/{source}"


def _over(said: Said, look: Look) -> list[str]:
    """Keys of what ended long ago, and is not judged again. Not the newest of all: it keeps the time."""
    kept = kept_time(said)
    long_ago = look.now - CLOSED_KEPT
    return [
        key
        for key, last in said.items()
        if last.change not in (*OPEN, "held")
        and max(last.at, last.data_until) <= long_ago
        and (last.due_at or last.at) <= look.judged
        and last.data_until != kept
    ]
