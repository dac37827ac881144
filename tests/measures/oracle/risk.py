"""Money at risk: what the leads that leak now would bring, if they were saved."""

from __future__ import annotations

from collections import defaultdict

from streams.model import Micros
from tests.measures.oracle.company import Company, closed_as
from tests.measures.oracle.words import SEGMENTS, Row, mean

SHRINK = 10  # a band of few leads counts for itself like so many of the whole
KNOWN = "known"  # stage of a lead that entered none


def money_at_risk(company: Company, at: Micros) -> list[Row]:
    leaking = {one["lead_id"] for one in company.obligations(at) if one["state"] == "leaking"}
    amounts = _won_amounts(company, at)
    of_all = mean([amount for band in amounts.values() for amount in band]) or 0.0
    deals = _open_deals(company, at)
    chances: dict[tuple[str, str], float] = {}
    rows = []
    for lead in company.facts("leads"):
        lead_id, band = lead["lead_id"], lead["size_band"]
        if lead_id not in leaking:
            continue
        stage = _stage(company, lead_id, at)
        if stage == "customer" and lead_id not in deals:
            continue  # has bought already
        if (stage, band) not in chances:
            chances[stage, band] = _chance(company, stage, band, at)
        p_win, mean_amount = chances[stage, band], mean(amounts[band]) if amounts[band] else of_all
        row = {
            "lead_id": lead_id,
            "owner": lead["owner"],
            "stage": stage,
            **{name: lead[name] for name in SEGMENTS},
            "p_win": p_win,
            "mean_amount": mean_amount,
        }
        if lead_id in deals:
            deal = deals[lead_id]
            amount = company.in_reporting(deal)
            currency = deal["currency"] if amount is None else company.reporting_currency
            row |= {"basis": "deal", "amount": deal["amount"] if amount is None else amount, "currency": currency}
        else:
            row |= {"basis": "estimate", "amount": p_win * (mean_amount or 0.0), "currency": company.reporting_currency}
        rows.append(row | {"currency": row["currency"] or ""})
    return rows


def _stage(company: Company, lead_id: str, at: Micros) -> str:
    standing = [entry for entry in company.way(lead_id, at) if entry["left_at"] is None or entry["left_at"] > at]
    return str(standing[-1]["stage"]) if standing else KNOWN


def _chance(company: Company, stage: str, band: str, at: Micros) -> float:
    """How many of the leads of the band that stood there long ago became customers, shrunk to those of all bands."""
    entered = company.entries(stage, at - company.terms.customer_within)
    leads = {entry["lead_id"] for entry in entered if entry["lead_id"] in company.lead}
    wins = {lead_id for lead_id in leads if company.reached(lead_id, "customer", at)}
    of_stage = len(wins) / len(leads) if leads else 0.0
    n = sum(company.lead[lead_id]["size_band"] == band for lead_id in leads)
    won = sum(company.lead[lead_id]["size_band"] == band for lead_id in wins)
    return float((won + SHRINK * of_stage) / (n + SHRINK))


def _won_amounts(company: Company, at: Micros) -> dict[str, list[float]]:
    """Of deals, by size band; in the reporting currency, those without a rate left out."""
    amounts: dict[str, list[float]] = defaultdict(list)
    for deal in company.won(at):
        amount = company.in_reporting(deal)
        if amount is not None:
            lead = company.lead.get(deal["lead_id"])
            amounts[lead["size_band"] if lead else ""].append(amount)
    return amounts


def _open_deals(company: Company, at: Micros) -> dict[str, Row]:
    """The latest made of each lead that says an amount."""
    found: dict[str, Row] = {}
    for deal in sorted(company.new_business(at), key=lambda deal: (deal["created_at"], deal["deal_id"])):
        is_open = deal["status"] == "open" or not closed_as(deal["status"], deal, at)
        if deal["lead_id"] and is_open and deal["amount"] > 0:
            found[deal["lead_id"]] = deal
    return found
