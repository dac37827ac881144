"""Opportunities: from hand-over to won, lost or forgotten; and renewals of customers from before."""

from __future__ import annotations

from typing import Any

from deploy.demo.hours import WORKDAY, after
from deploy.demo.lead import Lead, Outcome
from deploy.demo.people import Company, any_person
from deploy.demo.story import Choices, Story
from deploy.demo.team import Habit, any_rep
from streams.model import DAY, HOUR, MINUTE, Micros, Record

_STAGES = ("Discovery", "Evaluation", "Proposal", "Negotiation")
ROLES = ("champion", "economic_buyer", "user", "it_security")
_COMPETITORS = ("Planora", "GridSuite", "OpenLedger")
_LOSSES: Choices = {"price": 24, "competitor": 26, "timing": 22, "budget": 16, "no_need": 12}


def hand_over(lead: Lead, at: Micros, rep: Habit) -> Outcome:
    """Qualified: the lead becomes a contact and gets a deal: soon, days late, or never."""
    story, company = lead.story, lead.person.company
    lead.note(at, "status_changed", status="SQL", changed_by=rep.id)
    if story.chance(0.12):
        return Outcome("left lying", at)
    late = story.chance(0.22)
    at = after(at, story.about(26 * HOUR) if late else story.within(10 * MINUTE, 7 * HOUR))
    contact, deal = story.new_id("003"), story.new_id("006")
    lead.note(
        at,
        "converted",
        status="Converted",
        email=lead.person.email,
        lead_id=lead.record_id,
        contact_id=contact,
        account_id=company.account_id,
        account_name=company.name,
        opportunity_id=deal,
        changed_by=rep.id,
    )
    made_from = lead.record_id
    lead.record_id, lead.kind = contact, "contact"
    facts = {
        "lead_id": made_from,
        "primary_contact_id": contact,
        "contacts": [{"contact_id": contact, "role": "champion"}, *_committee(lead, at)],
        "deal_kind": "new_business",
    }
    return _pursue(story, at + story.within(1 * MINUTE, 20 * MINUTE), deal, company, rep, facts, lead)


def _committee(lead: Lead, at: Micros) -> list[Record]:
    """Who else takes part, at larger companies."""
    story, company = lead.story, lead.person.company
    people = []
    for role in ROLES[1 : 1 + story.rng.randint(0, 2 if lead.large else 1)]:
        other = Lead(story, any_person(story.rng, company), story.new_id("003"), lead.fit, kind="contact")
        owner = {"owner_id": lead.owner.id, "owner_kind": "person"} if lead.owner else {}
        more = {"account_id": company.account_id, "created_how": "manual"}
        other.note(at + story.within(MINUTE, 5 * MINUTE), "lead_created", **other.profile(), **owner, **more)
        people.append({"contact_id": other.record_id, "role": role})
    return people


def _pursue(
    story: Story, at: Micros, deal: str, company: Company, rep: Habit, facts: dict[str, Any], lead: Lead | None
) -> Outcome:
    renewal = facts["deal_kind"] != "new_business"
    amount = round(420 * company.employees**0.7 * story.rng.lognormvariate(0, 0.4) + 2400, -2)

    def say(at: Micros, event: str, **fields: Any) -> None:
        story.crm(
            at, event, deal, record_kind="opportunity", opportunity_id=deal, changed_by=rep.id, **(facts | fields)
        )

    facts |= {
        "account_id": company.account_id,
        "account_name": company.name,
        "owner_id": rep.id,
        "owner_kind": "person",
        "amount": amount,
        "currency": "EUR",
        "company_size": company.band,
        "industry": company.industry,
        "region": company.region,
    }
    say(at, "opportunity_created", stage=_STAGES[0], pipeline="standard", created_by=rep.id)
    pace = 5 * DAY if company.employees < 50 else 9 * DAY if company.employees < 1000 else 14 * DAY
    for stage in _STAGES[2 if renewal else 1 :]:
        if not renewal and story.chance(0.2):
            return _drop(story, at, pace, say)
        step = _some_time_after(story, at + story.about(pace))
        if lead:
            _talk(lead, rep, at, step)
        at = step
        say(at, "opportunity_stage_changed", stage=stage)
    at = _some_time_after(story, at + story.about(pace))
    if not story.chance(0.88 if renewal else 0.72):
        return _lose(story, at, say)
    say(at, "opportunity_won", stage="Closed Won")
    return Outcome("won", at)


def _some_time_after(story: Story, at: Micros) -> Micros:
    return after(at, story.within(0, WORKDAY))


def _talk(lead: Lead, rep: Habit, begin: Micros, end: Micros) -> None:
    """Meetings and mails of a running deal."""
    if lead.story.chance(0.8):
        lead.did(_some_time_after(lead.story, lead.story.within(begin, end)), rep, "meeting", "two_way", "held")
    if lead.story.chance(0.5):
        lead.did(_some_time_after(lead.story, lead.story.within(begin, end)), rep, "email", "inbound", "replied")


def _drop(story: Story, at: Micros, pace: Micros, say: Any) -> Outcome:
    """The deal stops moving: closed as lost, tidied away much later, or forgotten."""
    if story.chance(0.55):
        return _lose(story, _some_time_after(story, at + story.about(pace)), say)
    if story.chance(0.4):
        return _lose(story, _some_time_after(story, at + story.within(40 * DAY, 90 * DAY)), say)
    return Outcome("open", at)


def _lose(story: Story, at: Micros, say: Any) -> Outcome:
    why = story.pick(_LOSSES)
    rival = story.rng.choice(_COMPETITORS) if why == "competitor" else None
    say(at, "opportunity_lost", stage="Closed Lost", reason=why, reason_class=why, competitor=rival)
    return Outcome("lost", at, why)


def renewal(story: Story, company: Company, at: Micros) -> None:
    """A customer from before is due; the CRM does not always know a person there."""
    kind = "expansion" if story.chance(0.25) else "renewal"
    facts: dict[str, Any] = {"deal_kind": kind}
    if story.chance(0.35):
        facts |= {"primary_contact_id": f"003-{company.account_id}"}
    _pursue(story, _some_time_after(story, at), story.new_id("006"), company, any_rep(story), facts, None)
