"""Target accounts: who of the buying committee is known, touched, engaged, met, and which roles are missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from streams.model import Micros
from tests.measures.oracle.company import Company
from tests.measures.oracle.words import Row


def coverage(company: Company, at: Micros) -> list[Row]:
    lines_of: dict[str, list[Row]] = defaultdict(list)
    for line in company.reference("target_accounts"):
        lines_of[line["account"]].append(line)
    rows = []
    for account, lines in lines_of.items():
        sizes = [line["committee_size"] for line in lines if line["committee_size"] is not None]
        leads = [lead for lead in company.leads_of_account(account) if lead["began_at"] <= at]
        whole = {
            "account": account,
            "name": max(line["name"] for line in lines),
            "committee_size": max(sizes, default=company.terms.committee_size),
        }
        rows.append(whole | {"grain": "account", "division": ""} | _covered(company, leads, lines, whole, at))
        for division in {line["division"] for line in lines} - {""}:
            theirs = [line for line in lines if line["division"] == division]
            members = [lead for lead in leads if lead["department"] == division]
            rows.append(
                whole | {"grain": "division", "division": division} | _covered(company, members, theirs, whole, at)
            )
    return rows


def _covered(company: Company, leads: list[Row], lines: list[Row], account: Row, at: Micros) -> Row:
    counts = dict.fromkeys(("touched", "engaged", "met", "touched_by_marketing", "touched_by_sales"), 0)
    roles = {line["committee_role"] for line in lines} - {""}
    for lead in leads:
        touches = [one for one in company.of_lead("touches", lead["lead_id"]) if one["occurred_at"] <= at]
        activities = [one for one in company.of_lead("activities", lead["lead_id"]) if one["occurred_at"] <= at]
        by_people = [one for one in activities if one["human"]]
        sides = {one["side"] for one in touches} | {one["actor_role"] for one in by_people}
        counts["touched"] += bool(touches or by_people)
        counts["engaged"] += any(one["direction"] == "inbound" for one in (*touches, *activities))
        counts["met"] += any(one["kind"] == "meeting" for one in by_people)
        counts["touched_by_marketing"] += "marketing" in sides
        counts["touched_by_sales"] += "sales" in sides
        said = [lead["job_title"], *_roles(company, lead["lead_id"], at)]
        roles = {role for role in roles if not any(role.casefold() in one.casefold() for one in said)}
    share = len(leads) / account["committee_size"]
    return counts | {"known": len(leads), "roles_missing": sorted(roles), "share": share}


def _roles(company: Company, lead_id: str, at: Micros) -> Iterator[str]:
    """What deals say of the lead's records."""
    records = company.records_of.get(lead_id, set())
    for deal in company.deals(at):
        for person in deal["contacts"].split(","):
            record, _, role = person.rpartition(":")
            if record in records:
                yield role
