"""The lists of people behind the numbers. A number names its list and arguments; the list has one query."""

from __future__ import annotations

from dashboards.lists.accounts import PEOPLE, PROSPECTS
from dashboards.lists.alignment import CLAIMS, DECLINED, DELIVERED, GIVEN, MQLS, NURTURE, NURTURED, WAITS
from dashboards.lists.funnel import COHORT, DEALS, LEADS, OWED, RISKS, VISITORS
from dashboards.model import LeadList

LISTS: dict[str, LeadList] = {
    one.name: one
    for one in (
        OWED, LEADS, RISKS, COHORT, DEALS, VISITORS,
        CLAIMS, MQLS, GIVEN, WAITS, DELIVERED, DECLINED, NURTURE, NURTURED, PEOPLE, PROSPECTS,
    )
}  # fmt: skip

__all__ = ["LISTS"]
