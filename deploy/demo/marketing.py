"""What marketing and its systems do: capture, score, call a lead qualified, nurture."""

from __future__ import annotations

from deploy.demo.hours import after, at_local, local_day
from deploy.demo.lead import Lead, Outcome
from deploy.demo.people import Person
from deploy.demo.story import Story
from deploy.demo.team import AUTOMATION, CONNECTOR, QUEUE, any_rep
from deploy.demo.web import visit
from streams.model import DAY, HOUR, MINUTE, SECOND, Micros

HOT = {"demo_request", "contact"}
_POINTS = {"demo_request": 60, "contact": 55, "event": 30, "content": 22, "newsletter": 8, "imported_list": 5}
_QUALIFIES = {
    "demo_request": 0.93,
    "contact": 0.85,
    "event": 0.45,
    "content": 0.34,
    "newsletter": 0.1,
    "imported_list": 0.07,
}


def capture(
    story: Story, at: Micros, person: Person, fit: float, kind: str, channel: str
) -> tuple[Micros, Lead] | None:
    """The connector makes a CRM record of a form: in a minute, hours late, or never."""
    if story.chance(0.055):
        return None
    at += story.within(20 * MINUTE, 9 * HOUR) if story.chance(0.09) else story.within(12 * SECOND, 110 * SECOND)
    lead = Lead(story, person, story.new_id("00Q"), fit, score=float(_POINTS[kind]))
    claim = story.rng.random()
    sales_claim = channel if claim < 0.2 else "outbound" if claim < 0.42 else None
    lead.note(
        at,
        "lead_created",
        **lead.profile(),
        status="New",
        score=lead.score,
        owner_id=QUEUE,
        owner_kind="queue",
        created_by=CONNECTOR,
        created_how="import" if kind == "imported_list" else "form",
        marketing_source=channel,
        lead_source=sales_claim,
        partner=channel if channel == "partner" else None,
        referrer_name="a customer" if channel == "referral" else None,
    )
    if story.chance(0.035):
        _duplicate(lead, at)
    return at, lead


def _duplicate(lead: Lead, at: Micros) -> None:
    """A second record of the same person, found and merged some day; now and then wrongly."""
    story = lead.story
    rep = any_rep(story)
    twin = Lead(story, lead.person, story.new_id("00Q"), lead.fit)
    at = after(at, story.about(9 * HOUR))
    twin.note(at, "lead_created", **twin.profile(), status="New", created_by=rep.id, created_how="manual")
    at = after(at + story.within(HOUR, 9 * DAY), story.within(0, 5 * HOUR))
    lead.note(at, "merged", other_record_id=twin.record_id, changed_by=rep.id)
    if story.chance(0.12):
        lead.note(after(at, story.about(12 * HOUR)), "unmerged", other_record_id=twin.record_id, changed_by=rep.id)


def qualify(lead: Lead, at: Micros, kind: str) -> Micros | None:
    """When the automation calls the lead marketing-qualified; None if never."""
    story = lead.story
    if not story.chance(_QUALIFIES[kind] * (0.75 + 0.5 * lead.fit)):
        return None
    if kind in HOT:
        at += story.within(3 * SECOND, 40 * SECOND)
    else:
        at += story.within(2 * HOUR, 8 * DAY)
        lead.rate(at - story.within(MINUTE, HOUR), story.within(15, 45))
    lead.note(at, "status_changed", source="automation", status="MQL", changed_by=AUTOMATION)
    return at


def entered_nurture(lead: Lead, at: Micros, outcome: Outcome | None) -> Micros | None:
    """When a lead that sales does not want (or that was never ready) goes into nurture; None: it is forgotten."""
    story, draw = lead.story, lead.story.rng.random()
    if outcome is None:
        if draw > 0.7:
            return None
        at += story.within(HOUR, 6 * DAY) if draw < 0.48 else story.within(8 * DAY, 25 * DAY)
    elif outcome.end == "recycled":
        at += story.within(5 * MINUTE, HOUR)
    elif outcome.end in ("rejected", "lost"):
        recyclable = outcome.reason_class in ("timing", "budget", "no_need", "no_response")
        if draw > (0.62 if recyclable else 0.12):
            return None
        at += story.within(HOUR, 22 * HOUR) if draw < 0.45 else story.within(2 * DAY, 12 * DAY)
    else:
        return None
    lead.note(at, "nurture_entered", source="automation", status="Nurture", campaign="nurture-basics")
    return at


def nurture(lead: Lead, at: Micros) -> tuple[Micros, str] | None:
    """A mail every two weeks for some months; returns when the person comes back and by which form, if ever."""
    story = lead.story
    mails = story.rng.randint(0, 1) if story.chance(0.2) else story.rng.randint(4, 9)
    for number in range(mails):
        at = at_local(local_day(at) + story.rng.randint(12, 16), 10 * HOUR) + story.within(0, 20 * MINUTE)
        mail = {"campaign": f"nurture-basics-{number + 1}", "campaign_channel": "email", "source": "automation"}
        lead.note(at, "marketing_email", email_action="sent", **mail)
        if story.chance(0.012):
            lead.note(at + MINUTE, "marketing_email", email_action="bounced", **mail)
            return None
        if not story.chance(0.38):
            continue
        at += story.about(3 * HOUR)
        lead.note(at, "marketing_email", email_action="opened", **mail)
        if story.chance(0.03):
            lead.opted_out = True
            lead.note(at + MINUTE, "marketing_email", email_action="unsubscribed", **mail)
            lead.note(at + 2 * MINUTE, "lead_updated", source="automation", opted_out=True)
            return None
        if story.chance(0.36):
            at += 20 * SECOND
            lead.note(at, "marketing_email", email_action="clicked", **mail)
            lead.rate(at + MINUTE, 5)
            device = lead.devices[0] if lead.devices else story.new_id("d")
            landing = {"utm_source": "nurture", "utm_medium": "email", "utm_campaign": mail["campaign"]}
            _, at = visit(story, at + SECOND, device, lead.person.company.country, landing, story.rng.randint(1, 4))
            if story.chance(0.2 + 0.3 * lead.fit):
                return at + story.within(HOUR, 3 * DAY), story.rng.choice(("demo_request", "contact", "content"))
    return None
