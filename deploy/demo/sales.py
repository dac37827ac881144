"""What sales does with leads: gets them or not, touches them or not, decides or not, each by habit."""

from __future__ import annotations

from deploy.demo.deals import hand_over
from deploy.demo.hours import WORKDAY, after
from deploy.demo.lead import Lead, Outcome
from deploy.demo.people import any_company, any_person
from deploy.demo.story import Story
from deploy.demo.team import AUTOMATION, EVA, OPS, QUEUE, Habit, any_rep
from deploy.demo.web import visit
from streams.model import DAY, HOUR, MINUTE, SECOND, Micros


def route(lead: Lead, at: Micros) -> tuple[Micros, Habit] | None:
    """Who gets a marketing-qualified lead and when: mostly a person at once, some by way of a queue, some never."""
    story = lead.story
    if lead.owner and not story.chance(0.3):
        return at, lead.owner
    rep = any_rep(story, besides=lead.owner.id if lead.owner else "")
    if story.chance(0.28):
        at += story.within(2 * SECOND, 30 * SECOND)
        lead.owner = None
        lead.note(at, "assigned", owner_id=QUEUE, owner_kind="queue", changed_by=AUTOMATION)
        if story.chance(0.25):
            return None
        at = after(at, story.about(2 * HOUR, 1.2))
        lead.give_to(at, rep, OPS)
    else:
        at += story.within(4 * SECOND, 70 * SECOND)
        lead.give_to(at, rep, AUTOMATION)
    return at, rep


def work(lead: Lead, at: Micros, rep: Habit, hot: bool) -> Outcome:
    """One rep's round with one lead, beginning when the rep was given it."""
    story = lead.story
    touches = rep.touches_hot if hot else rep.touches_large if lead.large else rep.touches_rest
    if not story.chance(touches):
        return _leave(lead, at, rep)
    at = after(at, story.about(rep.delay_hot if hot else rep.delay_rest))
    at, reached = _attempts(lead, at, rep)
    if not story.chance(rep.decides):
        return Outcome("left lying", at)
    at = after(at, story.about(3 * HOUR))
    if not reached:
        return lead.reject(at, rep, ("no answer", "no_response"))
    if not story.chance(0.22 + 0.6 * lead.fit):
        return lead.reject(at, rep)
    return accepted(lead, at, rep)


def _leave(lead: Lead, at: Micros, rep: Habit) -> Outcome:
    """Nobody calls. A machine may write; weeks later somebody may tidy up."""
    story = lead.story
    if story.chance(0.3):
        lead.note(
            after(at, story.about(HOUR)),
            "activity_logged",
            activity_kind="email",
            activity_direction="outbound",
            activity_human=False,
            activity_outcome="left_message",
            actor_id=rep.id,
            actor_role="sales",
            sequence="inbound-welcome",
        )
    if story.chance(rep.clears_old):
        return lead.reject(
            after(at + story.within(12 * DAY, 45 * DAY), story.within(0, WORKDAY)), rep, ("no answer", "no_response")
        )
    return Outcome("left lying", at)


def _attempts(lead: Lead, at: Micros, rep: Habit) -> tuple[Micros, bool]:
    story = lead.story
    for attempt in range(story.rng.randint(1 if rep.most_attempts < 6 else 3, rep.most_attempts)):
        if attempt:
            at = after(at, story.about(5 * HOUR))
        if story.chance(0.65):
            if story.chance(0.36):
                lead.did(at, rep, "call", "two_way", "connected")
                return at, True
            lead.did(at, rep, "call", "outbound", "left_message" if story.chance(0.4) else "no_answer")
        else:
            bounced = story.chance(0.03)
            lead.did(at, rep, "email", "outbound", "bounced" if bounced else "left_message")
            if not bounced and story.chance(0.2):
                at = after(at, story.about(5 * HOUR))
                lead.did(at, rep, "email", "inbound", "replied")
                return at, True
    return at, False


def accepted(lead: Lead, at: Micros, rep: Habit) -> Outcome:
    """Sales takes the lead: it is qualified, turned down after all, or stalls."""
    story = lead.story
    lead.note(at, "accepted", status="Accepted", changed_by=rep.id)
    meeting = after(at, story.about(9 * HOUR))
    held = story.chance(0.85)
    lead.did(meeting, rep, "meeting", "two_way", "held" if held else "no_show")
    if not held and story.chance(0.5):
        return Outcome("left lying", meeting)
    at = after(meeting, story.about(6 * HOUR))
    if story.chance(0.34 + 0.5 * lead.fit):
        return hand_over(lead, at, rep)
    return lead.reject(at, rep) if story.chance(0.5) else Outcome("left lying", at)


def prospect(story: Story) -> None:
    """The outbound rep writes to somebody who never came to us; who is interested goes to a colleague."""
    rng = story.rng
    person = any_person(rng, any_company(rng))
    lead = Lead(story, person, story.new_id("00Q"), rng.betavariate(3, 3))
    at = after(story.born, story.within(0, WORKDAY))
    lead.owner = EVA
    lead.note(
        at,
        "lead_created",
        **lead.profile(),
        status="New",
        owner_id=EVA.id,
        owner_kind="person",
        created_by=EVA.id,
        created_how="manual",
        lead_source="outbound",
        # Marketing likes to count them, too.
        marketing_source=rng.choice(("content", "event")) if story.chance(0.25) else None,
    )
    at, reached = _attempts(lead, after(at, story.about(40 * MINUTE)), EVA)
    if story.chance(0.22):
        device = story.new_id("d")
        visit(story, at + story.about(3 * HOUR), device, person.company.country, {"rep_link": True}, rng.randint(1, 3))
    at = after(at, story.about(4 * HOUR))
    if reached and story.chance(0.15 + 0.5 * lead.fit):
        rep = any_rep(story)
        lead.give_to(at, rep, EVA.id)
        at = after(at, story.about(rep.delay_rest))
        if story.chance(max(rep.touches_rest, 0.5)):
            accepted(lead, at, rep)
    elif story.chance(0.3):
        lead.reject(at, EVA)


def call_in(story: Story) -> tuple[Micros, Habit, Lead]:
    """Somebody phones; the rep who picks up makes the record by hand."""
    rng = story.rng
    rep = any_rep(story)
    lead = Lead(
        story, any_person(rng, any_company(rng)), story.new_id("00Q"), rng.betavariate(4, 3), score=45, owner=rep
    )
    at = after(story.born, story.within(0, WORKDAY))
    lead.note(
        at,
        "lead_created",
        **lead.profile(),
        status="New",
        score=45.0,
        owner_id=rep.id,
        owner_kind="person",
        created_by=rep.id,
        created_how="manual",
        lead_source="inbound_call",
    )
    lead.did(at, rep, "call", "inbound", "connected")
    lead.note(at + MINUTE, "status_changed", status="MQL", changed_by=rep.id)
    return at + MINUTE, rep, lead
