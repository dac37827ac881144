"""Leads delivered against what was promised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from streams.model import Micros
from tests.measures.oracle.company import Company
from tests.measures.oracle.words import LINE, Row, day, ratio


def quantity(company: Company, at: Micros) -> list[Row]:
    rows = []
    for target in company.reference("targets"):
        delivered = {
            (entry["lead_id"], entry["cycle"])
            for stage in ([target["stage"]] if target["stage"] else LINE)
            for entry in company.entries(stage, at)
            if target["first_day"] <= day(entry["entered_at"]) <= target["last_day"] and _is_of(target, entry)
        }
        accepted = {
            lead_id
            for lead_id, cycle in delivered
            if company.reached(lead_id, "sal", at, lambda other, cycle=cycle: other == cycle)  # type: ignore[misc]
        }
        leads = {lead_id for lead_id, _ in delivered}
        so_far = target["leads"] * _share_of_period(company, target, day(at))
        share = ratio(len(leads), so_far)
        rows.append(
            {
                "from_day": target["first_day"],
                "to_day": target["last_day"],
                **{name: target[name] for name in ("region", "industry", "stage", "origin")},
                "target": target["leads"],
                "target_to_date": so_far,
                "delivered": len(leads),
                "accepted": len(accepted),
                "share": share,
                "accepted_share": ratio(len(accepted), so_far),
                "satisfied": int(share is not None and share >= company.terms.satisfied_at),
            }
        )
    return rows


def _is_of(target: Row, entry: Row) -> bool:
    return all(target[name] in ("", entry[name]) for name in ("region", "industry", "origin"))


def _share_of_period(company: Company, target: Row, today: date) -> float:
    """How much of it is over, in working days; all of it from its first day on if it has none."""
    working = [on for on in _days(target["first_day"], target["last_day"]) if company.terms.is_working_day(on)]
    if not working:
        return float(target["first_day"] <= today)
    return sum(on <= today for on in working) / len(working)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
