"""Whose customers and leads are they: marketing share with its claims, and origins compared."""

from __future__ import annotations

from datetime import date

from streams.model import Micros
from tests.measures.oracle.company import Company, closed_as
from tests.measures.oracle.words import SEGMENTS, Counts, Row, day, mean, quantile, ratio, segments

# What decides an origin: evidence of a partner or referral, else the earliest of these two, else direct visits.
TIERS = (("partner", "referral"), ("marketing", "sales"), ("direct",))


def marketing_share(company: Company, at: Micros) -> list[Row]:
    counts = Counts(("of", "day", *SEGMENTS), "n marketing unknown claimed_by_marketing claimed_by_sales influenced")
    for deal in company.won(at):
        since = deal["created_at"] - company.terms.influence_look_back
        touches = [touch["occurred_at"] for lead_id in _people(company, deal) for touch in _touches(company, lead_id)]
        influenced = any(since <= touched < deal["created_at"] for touched in touches)
        group = ("customers", day(deal["closed_at"]), *_segments(company, deal))
        counts.add(group, **_shares(company, deal, origin_of(company, deal)[1]), influenced=influenced)
    for lead in company.leads(at):
        influenced = any(touch["occurred_at"] <= at for touch in _touches(company, lead["lead_id"]))
        group = ("leads", day(lead["began_at"]), *segments(lead))
        counts.add(group, **_shares(company, lead, lead["origin"]), influenced=influenced)
    return counts.rows()


def origin_compare(company: Company, at: Micros, since: date, until: date) -> list[Row]:
    """New business made in the period: how much of it was won, for how much, and how fast."""
    deals_of: dict[str, list[Row]] = {}
    for deal in company.new_business(at):
        if since <= day(deal["created_at"]) < until:
            deals_of.setdefault(origin_of(company, deal)[1], []).append(deal)
    rows = []
    for origin, deals in deals_of.items():
        won = [deal for deal in deals if closed_as("won", deal, at)]
        lost = [deal for deal in deals if closed_as("lost", deal, at)]
        amounts = [amount for deal in won if (amount := company.in_reporting(deal)) is not None]
        days = [deal["days_to_close"] for deal in won if deal["days_to_close"] is not None]
        rows.append(
            {
                "origin": origin,
                "kind": company.terms.origin_kinds.get(origin, "unknown"),
                "deals": len(deals),
                "won": len(won),
                "lost": len(lost),
                "win_rate": ratio(len(won), len(won) + len(lost), company.terms.small_n),
                "mean_amount": mean(amounts),
                "median_days": quantile(0.5, days),
            }
        )
    return rows


def origin_of(company: Company, deal: Row) -> tuple[str, str]:
    """Channel and origin of a deal; of an account's deal those of its people before the deal."""
    if not deal["lead_id"]:
        people = [
            lead
            for lead in company.leads_of_account(deal["account"])
            if lead["origin_at"] is not None and lead["origin_at"] < deal["created_at"]
        ]
        for tier in TIERS:
            theirs = [lead for lead in people if lead["origin"] in tier]
            if theirs:
                first = min(theirs, key=lambda lead: (lead["origin_at"], tier.index(lead["origin"]), lead["lead_id"]))
                return first["channel"], first["origin"]
    return deal["channel"], deal["origin"]


def _segments(company: Company, deal: Row) -> tuple[str, ...]:
    lead = company.lead.get(deal["lead_id"], dict.fromkeys(SEGMENTS, ""))
    return *origin_of(company, deal), lead["size_band"], lead["industry"], lead["region"]


def _people(company: Company, deal: Row) -> list[str]:
    if deal["lead_id"]:
        return [deal["lead_id"]]
    return [lead["lead_id"] for lead in company.leads_of_account(deal["account"])]


def _touches(company: Company, lead_id: str) -> list[Row]:
    return [touch for touch in company.of_lead("touches", lead_id) if touch["side"] == "marketing"]


def _shares(company: Company, unit: Row, origin: str) -> dict[str, int]:
    channels = company.terms.marketing_channels
    return {
        "n": 1,
        "marketing": int(origin == "marketing"),
        "unknown": int(origin == "unknown"),
        "claimed_by_marketing": int(unit["claimed_by_marketing"] in channels),
        "claimed_by_sales": int(unit["claimed_by_sales"] in channels),
    }
