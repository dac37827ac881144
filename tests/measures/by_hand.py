"""Facts written down one by one, for companies that fit into a test; times are µs, mostly `day(n)`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from streams.model import DAY, Micros
from tests.measures.oracle.company import Company
from tests.measures.oracle.terms import Meets, Terms
from tests.measures.oracle.words import Row
from tests.sinks.rows import values

MONDAY = date(2026, 3, 2)
TERMS = Terms(
    small_n=2,
    marketing_channels=frozenset({"email", "paid_search"}),
    origin_kinds={"marketing": "inbound", "sales": "outbound"},
    generated_by={"marketing": "marketing", "sales": "sales"},
    kinds={
        "untouched": Meets(moments=frozenset({"sales_touch"})),
        "unrouted": Meets(has=frozenset({"person_owner"})),
        "handoff": Meets(stages=frozenset({"opportunity"})),
        "unqualified_handover": Meets(has=frozenset({"sales_ready"})),
    },
)
Fact = tuple[str, Row]


def day(number: float) -> Micros:
    """So many days after Monday 2026-03-02, 00:00 UTC."""
    return (MONDAY - date(1970, 1, 1)).days * DAY + round(number * DAY)


def on(number: int) -> date:
    return MONDAY + timedelta(number)


def lead(lead_id: str, began: float = 0, **given: Any) -> Fact:
    return "leads", {"lead_id": lead_id, **values("leads", began_at=day(began), **given)}


def entry(lead_id: str, stage: str, at: float, cycle: int = 1, left: float | None = None, **given: Any) -> Fact:
    left_at = None if left is None else day(left)
    key = {"lead_id": lead_id, "cause": f"{at}", "stage": stage}
    return "stage_entries", {
        **key,
        **values("stage_entries", cycle=cycle, entered_at=day(at), left_at=left_at, **given),
    }


def way(lead_id: str, stages: str, **given: Any) -> list[Fact]:
    """'mql 0 sal 2': entered on these days, each left for the next."""
    words = stages.split()
    named = list(zip(words[::2], map(float, words[1::2]), strict=True))
    lefts = [at for _, at in named[1:]] + [None]
    return [entry(lead_id, stage, at, left=left, **given) for (stage, at), left in zip(named, lefts, strict=True)]


def owed(lead_id: str, kind: str, opened: float, due: float, **given: Any) -> Fact:
    """`met`, `ended` are days."""
    times = {f"{name}_at": day(given.pop(name)) for name in ("met", "ended") if name in given}
    cause = given.pop("cause", f"{opened}")
    key = {"lead_id": lead_id, "kind": kind, "cause": cause}
    times |= {"opened_at": day(opened), "warn_at": day(due), "due_at": day(due)}
    return "obligations", {**key, **values("obligations", **times, **given)}


def given(lead_id: str, at: float, owner: str = "ann", due: float | None = None, **more: Any) -> Fact:
    """An assignment; `touched`, `decided` are days, `decision` the stage."""
    times = {
        f"{name}_at": day(more.pop(name)) for name in ("touched", "decided", "cycle_began", "inbound") if name in more
    }
    times |= {"assigned_at": day(at), "day_due_at": day(at + 1 if due is None else due)}
    columns = {"cycle": 1, "handover": 1, "decided": more.pop("decision", ""), **times, **more}
    return "assignments", {"lead_id": lead_id, "cause": f"{at}", **values("assignments", owner=owner, **columns)}


def deal(lead_id: str, deal_id: str, created: float, **given: Any) -> Fact:
    """New business; `won` or `lost` on a day, else open."""
    columns: Row = {"status": "open", "kind": "new_business", "currency": "EUR", "created_at": day(created)}
    for status in ("won", "lost"):
        if status in given:
            columns |= {"status": status, "closed_at": day(given.pop(status))}
    return "deals", {"lead_id": lead_id, "deal_id": deal_id, **values("deals", **(columns | given))}


def touch(lead_id: str, at: float, side: str = "marketing", **given: Any) -> Fact:
    key = {"lead_id": lead_id, "cause": f"{at}{side}"}
    return "touches", {**key, **values("touches", occurred_at=day(at), side=side, **given)}


def activity(lead_id: str, at: float, **given: Any) -> Fact:
    key = {"lead_id": lead_id, "cause": f"{at}"}
    return "activities", {**key, **values("activities", occurred_at=day(at), **given)}


def event(lead_id: str, at: float, *moments: str) -> Fact:
    key = {"lead_id": lead_id, "cause": f"{at}"}
    return "lead_events", {**key, **values("lead_events", occurred_at=day(at), moments=list(moments))}


def company(*facts: Fact | list[Fact], terms: Terms = TERMS, **reference: list[Row]) -> Company:
    tables: dict[str, list[Row]] = {}
    for some in facts:
        for table, row in some if isinstance(some, list) else [some]:
            tables.setdefault(table, []).append(row)
    return Company(tables, reference, terms)


def brief(rows: list[Row], *names: str) -> list[tuple[Any, ...]]:
    """These columns of the rows, sorted, None first."""
    found = (tuple(row[name] for name in names) for row in rows)
    return sorted(found, key=lambda row: [(value is not None, 0 if value is None else value) for value in row])
