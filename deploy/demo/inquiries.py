"""How people come to us, and the whole way each of them goes after that."""

from __future__ import annotations

from typing import Any

from deploy.demo import marketing, sales
from deploy.demo.lead import Lead, Outcome
from deploy.demo.people import Company, Person, any_company, any_person
from deploy.demo.story import Choices, Story
from deploy.demo.team import OPS
from deploy.demo.web import CHANNELS, INQUIRES, SITE, entry, page_count, visit
from streams.model import DAY, HOUR, MINUTE, SECOND, Micros

_FORMS: Choices = {"demo_request": 21, "contact": 17, "content": 33, "newsletter": 20, "event": 9}
_FORM_PAGE = {
    "demo_request": ("/demo", "demo"),
    "contact": ("/contact", "contact"),
    "content": ("/guides/planning", "content"),
    "newsletter": ("/blog", "blog"),
    "event": ("/events/open-day", "event"),
}
_TAGS = ("referrer", "utm_source", "utm_medium", "utm_campaign", "referral_code", "partner_code")
_ROUNDS = 3


def visitor(story: Story) -> None:
    """Somebody comes to the site; most go again without a word."""
    channel = story.pick(CHANNELS)
    employer = any_company(story.rng)
    device = story.new_id("d")
    landing = entry(story, channel)
    if story.chance(INQUIRES[channel]):
        _inquirer(story, channel, employer, device, landing)
        return
    at = story.born
    _, at = visit(story, at, device, employer.country, landing, page_count(story, 5))
    while story.chance(0.18):
        at += story.within(3 * HOUR, 12 * DAY)
        again = {} if story.chance(0.5) else entry(story, channel)
        _, at = visit(story, at, device, employer.country, again, page_count(story, 4))


def _inquirer(story: Story, channel: str, employer: Company, device: str, landing: dict[str, Any]) -> None:
    person = any_person(story.rng, employer)
    student = person.job_title == "Student assistant"
    fit = story.rng.betavariate(1.2, 5) if student else story.rng.betavariate(3, 3)
    at, tags = story.born, {name: landing[name] for name in _TAGS if name in landing}
    session, at = visit(story, at, device, employer.country, landing, story.rng.randint(1, 4), earnest=True)
    for _ in range(story.rng.choices((0, 1, 2, 3), (55, 25, 13, 7))[0]):
        at += story.within(2 * HOUR, 7 * DAY)
        session, at = visit(story, at, device, employer.country, {}, story.rng.randint(1, 5), earnest=True)
    kind = story.pick(_FORMS)
    at = submit(story, at, person, kind, device, session, tags)
    if story.chance(0.12):
        _second_device(story, person, at)
    if story.chance(0.03):
        _colleague(story, employer, device, at)
    captured = marketing.capture(story, at, person, fit, kind, channel)
    if captured is None:
        return
    at, lead = captured
    lead.devices.append(device)
    follow(lead, at, kind)


def submit(
    story: Story,
    at: Micros,
    person: Person,
    kind: str,
    device: str | None = None,
    session: str | None = None,
    tags: dict[str, Any] | None = None,
) -> Micros:
    """The page view with the form, and the form; returns when it was sent."""
    path, page = _FORM_PAGE[kind]
    company = person.company
    if device:
        session = session or story.new_id("s")
        at += story.within(20 * SECOND, 90 * SECOND)
        story.web(at, device, session, url=SITE + path, page_kind=page, country=company.country)
    at += story.within(25 * SECOND, 4 * MINUTE)
    fields: dict[str, Any] = {
        "name": person.name,
        "company": company.name,
        "company_size": company.band if story.chance(0.7) else str(company.employees),
        "industry": company.industry,
        "region": company.region,
        "country": company.country,
        "job_title": person.job_title,
        "form_id": f"f-{kind}",
        "form_kind": kind,
        "url": SITE + path,
        "consent": story.chance(0.85),
        **(tags or {}),
    }
    if kind in marketing.HOT:
        fields |= {"phone": person.phone, "department": person.department}
    email = person.email.title() if story.chance(0.06) else person.email
    if session:
        fields["session_id"] = session
    story.form(at, email, device, **fields)
    if story.chance(0.015):
        story.form(at + 2 * SECOND, email, device, **fields)
    if device and session and story.chance(0.3):
        story.web(at + 5 * SECOND, device, session, type="identify", email=person.email, url=SITE + "/account")
    return at


def _second_device(story: Story, person: Person, at: Micros) -> None:
    """The same person on the phone, known by a link in a mail."""
    phone = story.new_id("d")
    country = person.company.country
    session, at = visit(story, at + story.within(HOUR, 6 * DAY), phone, country, {}, story.rng.randint(1, 4))
    story.web(at + 8 * SECOND, phone, session, type="identify", email=person.email, url=SITE + "/account")
    visit(story, at + story.within(DAY, 20 * DAY), phone, country, {}, story.rng.randint(1, 3))


def _colleague(story: Story, employer: Company, device: str, at: Micros) -> None:
    """Another person on the same device, who then is shared; later visits on it could be either's."""
    other = any_person(story.rng, employer)
    at = submit(story, at + story.within(DAY, 15 * DAY), other, "content", device)
    visit(story, at + story.within(DAY, 9 * DAY), device, employer.country, {}, story.rng.randint(1, 4))
    captured = marketing.capture(story, at, other, story.rng.betavariate(3, 3), "content", "direct_traffic")
    if captured:
        follow(captured[1], captured[0], "content")


def fair(story: Story) -> None:
    """A name from a trade fair's list: no visit, no inquiry."""
    person = any_person(story.rng, any_company(story.rng))
    company = person.company
    names = {"name": person.name, "company": company.name, "region": company.region, "country": company.country}
    list_fields = {"form_kind": "imported_list", "form_id": "f-fair", "campaign": "fair"}
    story.form(story.born, person.email, **names, **list_fields, job_title=person.job_title)
    captured = marketing.capture(story, story.born, person, story.rng.betavariate(2, 4), "imported_list", "event")
    if captured is None:
        return
    at, lead = captured
    if story.chance(0.15):
        at += story.within(2 * DAY, 20 * DAY)
        lead.note(at, "campaign_response", source="automation", campaign="fair-webinar", campaign_channel="webinar")
    follow(lead, at, "imported_list")


def phone(story: Story) -> None:
    """Somebody calls; nothing on the site tells of it."""
    at, rep, lead = sales.call_in(story)
    _after_sales(lead, sales.work(lead, at, rep, hot=True), rounds=1)


def follow(lead: Lead, at: Micros, kind: str) -> None:
    """From the first record on: qualified or not, sales, nurture, and perhaps all over again."""
    _round(lead, at, kind, rounds=1)


def _round(lead: Lead, at: Micros, kind: str, rounds: int) -> None:
    ready = marketing.qualify(lead, at, kind)
    if ready is None:
        _nurture(lead, marketing.entered_nurture(lead, at, None), rounds)
        return
    routed = sales.route(lead, ready)
    if routed is not None:
        _after_sales(lead, sales.work(lead, *routed, hot=kind in marketing.HOT), rounds)


def _after_sales(lead: Lead, outcome: Outcome, rounds: int) -> None:
    story = lead.story
    junk = outcome.reason_class == "junk"
    if junk and story.chance(0.5):
        lead.note(outcome.at + story.within(DAY, 9 * DAY), "deleted", changed_by=OPS)
    elif outcome.end == "rejected" and story.chance(0.012):
        lead.note(outcome.at + story.within(DAY, 20 * DAY), "erased", email=lead.person.email, changed_by=OPS)
    elif lead.kind == "lead" and not junk:
        _nurture(lead, marketing.entered_nurture(lead, outcome.at, outcome), rounds)


def _nurture(lead: Lead, at: Micros | None, rounds: int) -> None:
    if at is None:
        return
    back = marketing.nurture(lead, at)
    if back is None or rounds == _ROUNDS:
        return
    story, (at, kind) = lead.story, back
    at = submit(story, at, lead.person, kind, lead.devices[0] if lead.devices else None)
    at += story.within(10 * SECOND, 3 * MINUTE)
    lead.note(at, "nurture_left", source="automation", campaign="nurture-basics")
    _round(lead, at + SECOND, kind, rounds + 1)
