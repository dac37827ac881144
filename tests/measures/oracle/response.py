"""How fast, and to whom: response, cherry-picking, age at hand-over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from streams.model import DAY, SECOND, Micros
from tests.measures.oracle.company import Company
from tests.measures.oracle.quality import handovers
from tests.measures.oracle.words import SEGMENTS, Row, day, quantile, ratio

NOTHING_LOGGED = "nothing logged"  # met by an advance alone


def response_leads(company: Company, at: Micros) -> list[Row]:
    """Each lead that was owed a call, and how long it waited; None: nobody turned to it."""
    rows = []
    for one in company.obligations(at):
        if one["kind"] != "untouched" or one["state"] == "voided":
            continue
        touched = one["state"] in ("met", "recovered") and one["note"] != NOTHING_LOGGED
        rows.append(
            {
                **{name: one[name] for name in ("lead_id", "cycle", "owner", "opened_at", "hot", *SEGMENTS)},
                "touched_at": one["met_at"] if touched else None,
                "wait_s": (one["met_at"] - one["opened_at"]) / SECOND if touched else None,
                "office_s": one["office_s"] if touched else None,
            }
        )
    return rows


def response(company: Company, at: Micros, since: date, until: date) -> list[Row]:
    leads_of: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for lead in response_leads(company, at):
        if since <= day(lead["opened_at"]) < until:
            leads_of["all", ""].append(lead)
            leads_of["owner", lead["owner"]].append(lead)
    rows = []
    for (grain, owner), leads in leads_of.items():
        touched = [lead for lead in leads if lead["touched_at"] is not None]
        waits, office = [lead["wait_s"] for lead in leads], [lead["office_s"] for lead in leads]
        rows.append(
            {
                "grain": grain,
                "owner": owner,
                "n": len(leads),
                "touched": len(touched),
                "never": len(leads) - len(touched),
                "median_s": quantile(0.5, waits),
                "p90_s": quantile(0.9, waits),
                "median_office_s": quantile(0.5, office),
                "p90_office_s": quantile(0.9, office),
            }
        )
    return rows


def cherry_picking(company: Company, at: Micros, since: date, until: date) -> list[Row]:
    """Per rep: how many of the hot leads were touched within a business day, and how many of the rest."""
    small_n, load_of = company.terms.small_n, defaultdict(list)
    for one in company.facts("assignments"):
        if one["assigned_at"] <= at and since <= day(one["assigned_at"]) < until:
            load_of[one["owner"]].append(one)
    rows = []
    for owner, load in load_of.items():
        settled = [one for one in load if one["ready"] and (_in_time(one, at) or one["day_due_at"] <= at)]
        hot, rest = [one for one in settled if one["hot"]], [one for one in settled if not one["hot"]]
        hot_touched, rest_touched = (sum(_in_time(one, at) for one in some) for some in (hot, rest))
        never = sum(not _touched(one, at) for one in load)
        enough = len(hot) >= small_n and len(rest) >= small_n
        hot_share, rest_share = (hot_touched / len(hot), rest_touched / len(rest)) if enough else (None, None)
        rows.append(
            {
                "owner": owner,
                "hot_n": len(hot),
                "hot_touched": hot_touched,
                "rest_n": len(rest),
                "rest_touched": rest_touched,
                "hot_share": hot_share,
                "rest_share": rest_share,
                "gap": hot_share - rest_share if hot_share is not None and rest_share is not None else None,
                "load": len(load),
                "never": never,
                "never_share": ratio(never, len(load), small_n),
            }
        )
    return rows


def _touched(assignment: Row, at: Micros) -> bool:
    return assignment["touched_at"] is not None and assignment["touched_at"] <= at


def _in_time(assignment: Row, at: Micros) -> bool:
    return _touched(assignment, at) and bool(assignment["touched_at"] <= assignment["day_due_at"])


def handover_age(company: Company, at: Micros, since: date, until: date) -> list[Row]:
    given = [one for one in handovers(company, at) if since <= day(one["assigned_at"]) < until]
    ages, inbound = list(_days_since("cycle_began_at", given)), list(_days_since("inbound_at", given))
    older = sum(age * DAY > company.terms.old_at_handover for age in ages)
    return [
        {
            "n": len(given),
            "median_days": quantile(0.5, ages),
            "p90_days": quantile(0.9, ages),
            "with_start": len(ages),
            "median_inbound_days": quantile(0.5, inbound),
            "older": older,
            "older_share": ratio(older, len(ages), company.terms.small_n),
        }
    ]


def _days_since(what: str, assignments: list[Row]) -> Iterator[float]:
    return ((one["assigned_at"] - one[what]) / DAY for one in assignments if one[what] is not None)
