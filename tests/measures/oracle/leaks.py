"""Leak rate, and whether a kind of leak can be measured at all with what this CRM says."""

from __future__ import annotations

from streams.model import Micros
from tests.measures.oracle.company import Company
from tests.measures.oracle.terms import Meets
from tests.measures.oracle.words import SEGMENTS, Counts, Row, day, segments

NEVER_SEEN = "nothing that could meet it was ever seen"
THE_SAME = "what opens it and what meets it is one and the same event"
STATES = "leaking recovered lost met open warned voided"


def measured(company: Company, at: Micros) -> list[Row]:
    """A row per kind that the definition has, or that was ever owed. Counted as met or lost is what is past due."""
    obligations = list(company.obligations(at))
    kinds = dict.fromkeys((*company.terms.kinds, *(one["kind"] for one in obligations)))
    return [_measured(company, kind, [one for one in obligations if one["kind"] == kind], at) for kind in kinds]


def _measured(company: Company, kind: str, owed: list[Row], at: Micros) -> Row:
    past_due = [one for one in owed if one["due_at"] <= at and one["state"] != "voided"]
    met = [one for one in past_due if one["state"] in ("met", "recovered")]
    met_apart = [one for one in met if one["met_by"] != one["cause"]]
    meets = company.terms.kinds.get(kind)
    evidence = _evidence(company, meets, at) if meets else 0
    why = ""
    if owed and meets and not evidence:
        why = NEVER_SEEN
    elif met and not met_apart and len(past_due) == len(met):  # so none leaks and none is lost
        why = THE_SAME
    return {
        "kind": kind,
        "opened": len(owed),
        "met_apart": len(met_apart),
        "met": len(met),
        "lost": sum(one["state"] == "lost" for one in past_due),
        "past_due": len(past_due),
        "evidence": evidence,
        "measured": int(not why),
        "why": why,
    }


def _evidence(company: Company, meets: Meets, at: Micros) -> int:
    """How often something was seen that could meet it. The sales-ready rule is always looked at."""
    seen = sum(
        event["occurred_at"] <= at and not meets.moments.isdisjoint(event["moments"])
        for event in company.facts("lead_events")
    )
    seen += sum(len(company.entries(stage, at)) for stage in meets.stages)
    if "person_owner" in meets.has:
        seen += sum(one["assigned_at"] <= at for one in company.facts("assignments"))
    if "live_record" in meets.has:
        seen += sum(bool(one["record_id"]) and one["first_seen"] <= at for one in company.identifiers)
    return int(max(seen, "sales_ready" in meets.has))


def leak_rate(company: Company, at: Micros) -> list[Row]:
    """By the day they were due. rate = (leaking + recovered + lost) ÷ due."""
    grain = ("day", "kind", "owed_by", "owner", *SEGMENTS, "rolling")
    counts = Counts(grain, f"due {STATES}")
    for one in company.obligations(at):
        group = (day(one["due_at"]), one["kind"], one["owed_by"], one["owner"], *segments(one), one["rolling"])
        is_past, state = one["due_at"] <= at, one["state"]
        # one that ended before it was due, however it ended, is not yet among those whose time is past
        counted = is_past or state not in ("met", "lost")
        counts.add(group, due=int(is_past and state != "voided"), **{state: int(counted)})
    why = {row["kind"]: row["measured"] for row in measured(company, at)}
    return [row | {"measured": why.get(row["kind"], 1)} for row in counts.rows()]
