"""Through the funnel: closed loop as cohorts and as activity, size mix, prospecting, cost per step."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from streams.model import DAY, Micros
from tests.measures.oracle.company import Company
from tests.measures.oracle.words import LINE, SEGMENTS, Counts, Row, day, ratio, segments

STEPS = ("inquiries", "mql", "sal", "sql", "opportunities", "customers")  # plurals of LINE
NOBODY = ("", "", "", "")  # segments of a visitor besides its channel


def closed_loop(company: Company, at: Micros) -> list[Row]:
    """Cohorts by the day a lead began, or a device was first seen. A lead counts at each stage from the first that it
    entered to the highest that it reached."""
    counts = Counts(("day", *SEGMENTS, "first_stage"), f"visitors leads {' '.join(STEPS)} revenue")
    currencies: dict[tuple[object, ...], set[str]] = defaultdict(set)
    revenues = defaultdict(list)
    for deal in company.won(at):
        revenues[deal["lead_id"]].append(deal)
    for lead in company.leads(at):
        line = [LINE.index(entry["stage"]) for entry in company.way(lead["lead_id"], at) if entry["stage"] in LINE]
        group = (day(lead["began_at"]), *segments(lead), LINE[line[0]] if line else "")
        counts.add(group, leads=1)
        if line:
            counts.add(group, **dict.fromkeys(STEPS[line[0] : max(line) + 1], 1))
        for deal in revenues[lead["lead_id"]]:
            counts.add(group, revenue=deal["amount"])
            currencies[group].add(deal["currency"])
    for visitor in company.visitors(at):
        counts.add((day(visitor["first_seen"]), visitor["channel"], *NOBODY, ""), visitors=1)
    rows = counts.rows()
    for row in rows:
        group = (row["day"], *segments(row), row["first_stage"])
        row["month"] = row["day"].replace(day=1)
        row["currencies"] = ",".join(sorted(currencies[group]))
        row["young"] = int(_midnight(row["day"]) > at - company.terms.mql_matures)
        row["young_for_customers"] = int(_midnight(row["day"]) > at - company.terms.customer_within)
    return rows


def closed_loop_activity(company: Company, at: Micros) -> list[Row]:
    """What happened on a day, whenever it began: leads that entered just that stage, devices first seen, deals won."""
    counts = Counts(("day", *SEGMENTS), f"visitors {' '.join(STEPS)} won revenue")
    for visitor in company.visitors(at):
        counts.add((day(visitor["first_seen"]), visitor["channel"], *NOBODY), visitors=1)
    for stage, step in zip(LINE, STEPS, strict=True):
        seen = {(day(row["entered_at"]), *segments(row), row["lead_id"]) for row in company.entries(stage, at)}
        for *of, _ in seen:
            counts.add(tuple(of), **{step: 1})
    for deal in company.won(at):
        lead = company.lead.get(deal["lead_id"], dict.fromkeys(SEGMENTS, ""))
        whose = (lead["size_band"], lead["industry"], lead["region"])
        group = (day(deal["closed_at"]), deal["channel"], deal["origin"], *whose)
        counts.add(group, won=1, revenue=deal["amount"])
    return counts.rows()


def size_mix(company: Company, at: Micros) -> list[Row]:
    counts = Counts(("day", "size_band", "origin"), "leads customers")
    for lead in company.leads(at):
        customers = bool(company.reached(lead["lead_id"], "customer", at))
        counts.add((day(lead["began_at"]), lead["size_band"], lead["origin"]), leads=1, customers=customers)
    return counts.rows()


def prospecting(company: Company, at: Micros) -> list[Row]:
    """Opportunities by who generated the lead, and how many of these leads became customers."""
    counts = Counts(("day", "owner", "generated_by"), "opportunities customers")
    for entry in company.entries("opportunity", at):
        generated_by = company.terms.generated_by.get(entry["origin"], "unknown")
        customers = bool(company.reached(entry["lead_id"], "customer", at))
        counts.add((day(entry["entered_at"]), entry["owner"], generated_by), opportunities=1, customers=customers)
    return counts.rows()


def cost_per_step(company: Company, at: Micros, since: date, until: date) -> list[Row]:
    """Spend of a channel in the period ÷ the leads that began in it and got so far."""
    columns = ("leads", *STEPS, "revenue")
    counts = Counts(("channel",), " ".join(columns))
    for row in closed_loop(company, at):
        if since <= row["day"] < until and row["leads"]:
            counts.add((row["channel"],), **{name: row[name] for name in columns})
    spent: dict[str, list[float | None]] = defaultdict(list)
    for line in company.reference("spend"):
        days = (line["last_day"] - line["first_day"]).days + 1
        for on in (line["first_day"] + timedelta(days=number) for number in range(days)):
            if since <= on < until and on <= day(at):
                spent[line["channel"]].append(company.converted(line["amount"] / days, line["currency"], on))
                counts.add((line["channel"],))
    rows = counts.rows()
    for row in rows:
        known = [amount for amount in spent[row["channel"]] if amount is not None]
        row["spend"] = sum(known) if len(known) == len(spent[row["channel"]]) else None
        row["currency"] = company.reporting_currency or ""
        for name, step in zip(("lead", "inquiry", *LINE[1:]), ("leads", *STEPS), strict=True):
            row[f"cost_per_{name}"] = None if row["spend"] is None else ratio(row["spend"], row[step])
    return rows


def _midnight(of: date) -> Micros:
    return (of - date(1970, 1, 1)).days * DAY
