"""What became of what marketing delivered: lead fate, quality, quality of hand-overs, who was right."""

from __future__ import annotations

from streams.model import Micros
from tests.measures.oracle.company import Company
from tests.measures.oracle.words import LINE, SEGMENTS, Counts, Row, day, segments

FATES = {"rejected": "rejected", "nurture": "nurtured", "lost": "lost"}
DECISIONS = dict.fromkeys(LINE[LINE.index("sal") :], "accepted") | {
    "rejected": "rejected",
    "nurture": "recycled",
    "lost": "lost",
}


def lead_fate(company: Company, at: Micros) -> list[Row]:
    """Each mature MQL in one bin."""
    counts = Counts(("day", *SEGMENTS, "owner", "fate", "reason"), "n")
    for mql in company.units("mql", at):
        if mql["entered_at"] <= at - company.terms.mql_matures:
            fate, reason = _fate(company, mql, at)
            counts.add((day(mql["entered_at"]), *segments(mql), mql["owner"], fate, reason), n=1)
    return counts.rows()


def _fate(company: Company, mql: Row, at: Micros) -> tuple[str, str]:
    lead_id, cycle = mql["lead_id"], mql["cycle"]
    if company.reached(lead_id, "sal", at, lambda other: other == cycle):
        return "advanced", ""
    for entry in company.way(lead_id, at):
        if entry["cycle"] == cycle and entry["stage"] in FATES and entry["entered_at"] >= mql["entered_at"]:
            given = entry["reason_class"] or entry["reason"] or "none given"
            return FATES[entry["stage"]], given if entry["stage"] == "rejected" else ""
    since = at - company.terms.vanished_after
    events = company.of_lead("lead_events", lead_id)
    return "open" if any(since < event["occurred_at"] <= at for event in events) else "vanished", ""


def quality(company: Company, at: Micros) -> list[Row]:
    columns = "mql handed_over accepted decided opportunities customers ready ready_mature ready_customers young"
    counts = Counts(("day", *SEGMENTS, "owner"), columns)
    for mql in company.units("mql", at):
        group = (day(mql["entered_at"]), *segments(mql), mql["owner"])
        counts.add(group, mql=1, **_quality(company, mql, at))
    return counts.rows()


def _quality(company: Company, mql: Row, at: Micros) -> dict[str, int]:
    terms, lead_id, cycle, entered_at = company.terms, mql["lead_id"], mql["cycle"], mql["entered_at"]
    handed_over = any(
        assignment["assigned_at"] <= at and max(assignment["cycle"], 1) == cycle  # before any cycle: for the first one
        for assignment in company.of_lead("assignments", lead_id)
    )
    accepted = bool(company.reached(lead_id, "sal", at, lambda other: other == cycle))
    rejected = any(entry["stage"] == "rejected" and entry["cycle"] == cycle for entry in company.way(lead_id, at))
    ready_mature = bool(mql["ready"]) and entered_at <= at - terms.customer_within
    bought = [entry["entered_at"] for entry in company.reached(lead_id, "customer", at)]
    in_time = any(entered_at <= when <= entered_at + terms.customer_within for when in bought)
    return {
        "handed_over": int(handed_over),
        "accepted": int(accepted),
        "decided": int(accepted or rejected),
        "opportunities": int(bool(company.reached(lead_id, "opportunity", at, lambda other: other >= cycle))),
        "customers": int(bool(company.reached(lead_id, "customer", at, lambda other: other >= cycle))),
        "ready": int(mql["ready"]),
        "ready_mature": int(ready_mature),
        "ready_customers": int(ready_mature and in_time),
        "young": int(entered_at > at - terms.mql_matures),
    }


def handovers(company: Company, at: Micros) -> list[Row]:
    return [row for row in company.facts("assignments") if row["handover"] and row["assigned_at"] <= at]


def handover_quality(company: Company, at: Micros) -> list[Row]:
    counts = Counts(("day", *SEGMENTS, "owner"), "handovers ready")
    for one in handovers(company, at):
        counts.add((day(one["assigned_at"]), *segments(one), one["owner"]), handovers=1, ready=one["ready"])
    return counts.rows()


def who_was_right(company: Company, at: Micros) -> list[Row]:
    """Whether the definition was met × what sales decided → what came of the lead afterwards."""
    counts = Counts(("day", *SEGMENTS, "owner", "ready", "decision"), "n opportunities won")
    for one in handovers(company, at):
        decided = one["decided_at"] is not None and one["decided_at"] <= at
        decision = DECISIONS[one["decided"]] if decided else "none"
        later = [
            entry["stage"]
            for entry in company.reached(one["lead_id"], "opportunity", at)
            if entry["entered_at"] >= one["assigned_at"]
        ]
        group = (day(one["assigned_at"]), *segments(one), one["owner"], one["ready"], decision)
        counts.add(group, n=1, opportunities=int(bool(later)), won=int("customer" in later))
    return counts.rows()
