"""What became of who was turned down or put aside: regretted rejections, recycling, nurture's effect."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from streams.model import DAY, Micros
from tests.measures.oracle.company import Company
from tests.measures.oracle.words import SEGMENTS, Counts, Row, day, quantile, ratio, segments


def regretted_rejection(company: Company, at: Micros) -> list[Row]:
    counts = Counts(
        ("day", *SEGMENTS, "reason_class", "owner"),
        "rejected by_person by_account mature mature_by_person mature_by_account",
    )
    won = company.won(at)
    for rejection in company.units("rejected", at):
        lead_id, rejected_at = rejection["lead_id"], rejection["entered_at"]
        account = company.lead[lead_id]["account"]
        until = rejected_at + company.terms.regret_within
        bought = [deal for deal in won if rejected_at < deal["created_at"] <= until]
        by_person = any(deal["lead_id"] == lead_id for deal in bought)
        by_others = any(deal["lead_id"] != lead_id and account and deal["account"] == account for deal in bought)
        by_account = by_others and not by_person
        mature = rejected_at <= at - company.terms.regret_within
        group = (day(rejected_at), *segments(rejection), rejection["reason_class"], rejection["owner"])
        counts.add(group, rejected=1, by_person=int(by_person), by_account=int(by_account))
        if mature:
            counts.add(group, mature=1, mature_by_person=int(by_person), mature_by_account=int(by_account))
    return counts.rows()


def recycling(company: Company, at: Micros) -> list[Row]:
    counts = Counts(("day", *SEGMENTS, "cycle"), "nurtured mql_again customers lapsed left")
    lapsing = defaultdict(list)
    for one in company.obligations(at):
        if one["kind"] == "nurture_lapsed" and one["state"] in ("leaking", "recovered", "lost"):
            lapsing[one["lead_id"]].append(one["opened_at"])
    for nurture in company.entries("nurture", at):
        lead_id, since = nurture["lead_id"], nurture["entered_at"]
        left_at = nurture["left_at"] if nurture["left_at"] is not None and nurture["left_at"] <= at else None
        later = {entry["stage"] for entry in company.way(lead_id, at) if entry["entered_at"] > since}
        lapsed = any(since <= opened and (left_at is None or opened < left_at) for opened in lapsing[lead_id])
        counts.add(
            (day(since), *segments(nurture), nurture["cycle"]),
            nurtured=1,
            mql_again=int("mql" in later),
            customers=int("customer" in later),
            lapsed=int(lapsed),
            left=int(left_at is not None),
        )
    return counts.rows()


def nurture_effect(company: Company, at: Micros, since: date, until: date) -> list[Row]:
    """Those who were nurtured before their first opportunity, and those who were not, of one segment and band."""
    grain = ("nurtured", "size_band", "region", "score_band")
    counts = Counts(grain, "leads opportunities won amount_sum")
    days_of = defaultdict(list)
    won_of = defaultdict(list)
    for deal in company.won(at):
        won_of[deal["lead_id"]].append(deal)
    for lead_id, mql in _first_mqls(company, at).items():
        if not since <= day(mql["entered_at"]) < until:
            continue
        opportunities = [entry["entered_at"] for entry in company.reached(lead_id, "opportunity", at)]
        nurtured = any(
            entry["stage"] == "nurture" and (not opportunities or entry["entered_at"] < opportunities[0])
            for entry in company.way(lead_id, at)
        )
        won = won_of[lead_id]
        amounts = [amount for deal in won if (amount := company.in_reporting(deal)) is not None]
        band = "hot" if mql["hot"] else "ready" if mql["ready"] else "below"
        group = (int(nurtured), mql["size_band"], mql["region"], band)
        closed = [deal["closed_at"] for deal in won if deal["closed_at"] >= mql["entered_at"]]
        if closed:
            days_of[group].append((min(closed) - mql["entered_at"]) / DAY)
        counts.add(group, leads=1, opportunities=int(bool(opportunities)), won=int(bool(won)), amount_sum=sum(amounts))
    rows = counts.rows()
    for row in rows:
        row["days_median"] = quantile(0.5, days_of[tuple(row[name] for name in grain)])
        row["opportunity_rate"] = ratio(row["opportunities"], row["leads"], company.terms.small_n)
    return rows


def _first_mqls(company: Company, at: Micros) -> dict[str, Row]:
    first: dict[str, Row] = {}
    for mql in company.units("mql", at):  # in order of time
        first.setdefault(mql["lead_id"], mql)
    return first
