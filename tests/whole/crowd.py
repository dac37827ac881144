"""Events of a company whose identities collide: the simulated company, and what real ones do to their records.

The company of the demo brings most of the visitors and whole journeys. Beside it stand `tangles`, in which a few
people, devices and records are confused in every way and often at one instant, and what meets the guards from both
sides: addresses and chains of just enough and of too many records, tablets that many people use, shared mailboxes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Any

from deploy.demo import Message, simulate
from deploy.demo.people import any_company, any_person
from deploy.demo.story import Story, World
from deploy.demo.team import REPS
from deploy.demo.web import CHANNELS, SITE, entry
from streams.model import DAY, HOUR, MINUTE, Micros

START: Micros = 20_089 * DAY  # 2025-01-01
DAYS = 120
_TANGLES = 400
_LIMIT = 50  # of the guards: neighbours of an identifier, identifiers of a lead, identifiers of a device
_INSTANTS = 40  # of a tangle: so few that many of its events share one


def crowd(seed: int) -> list[Message]:
    """About 50,000 messages in the order in which they reach Kafka; the same for the same seed."""
    world = World(seed)
    messages = list(simulate(seed, START, START + DAYS * DAY, size=1.1))
    for kind, tell, times in (
        ("tangle", _tangle, _TANGLES),
        ("address", _address_of_many, 4),
        ("chain", _chain, 4),
        ("tablet", _tablet, 10),
        ("kiosk", _kiosk, 1),
        ("mailbox", _mailbox, 20),
    ):
        for number in range(times):
            name = f"{kind}{number}"
            story = Story(world, name, START + world.rng("born", name).randrange((DAYS - 30) * DAY))
            tell(story, number)
            messages += story.messages
    return sorted(messages, key=attrgetter("at_us"))


@dataclass(slots=True)
class _Few:
    """What one tangle is made of. `at` is drawn anew for every event."""

    story: Story
    at: Micros
    emails: list[str]
    leads: list[str]
    contacts: list[str]
    deals: list[str]
    devices: list[str]
    sessions: list[str]

    def record(self) -> dict[str, Any]:
        """Of one lead or contact, as the arguments of Story.crm."""
        kind = self.one_of(["lead", "lead", "contact"])
        return {"record_kind": kind, "record_id": self.one_of(self.leads if kind == "lead" else self.contacts)}

    def one_of(self, choices: list[Any]) -> Any:
        return self.story.rng.choice(choices)


def _tangle(story: Story, number: int) -> None:
    rng = story.rng
    employer = any_company(rng)
    emails = [any_person(rng, employer).email for _ in range(3)]
    if story.chance(0.5):
        emails.append(f"info@{employer.domain}")
    few = _Few(
        story,
        0,
        emails,
        leads=[story.new_id("00Q") for _ in range(3)],
        contacts=[story.new_id("003") for _ in range(2)],
        deals=[story.new_id("006") for _ in range(2)],
        devices=[story.new_id("d") for _ in range(2)],
        sessions=[f"s{n}" for n in range(8)],
    )
    step = rng.choice([MINUTE, HOUR, DAY // 2, 6 * DAY])  # from minutes to beyond the look-back
    for _ in range(rng.randint(20, 40)):
        few.at = story.born + rng.randrange(_INSTANTS) * step // 2
        rng.choices(list(_HAPPENS), list(_HAPPENS.values()))[0](few)


def _page(few: _Few) -> None:
    story, session = few.story, few.one_of(few.sessions)
    landing = entry(story, story.pick(CHANNELS))
    kind = few.one_of(["pricing", "demo", "blog"])
    story.web(few.at, few.one_of(few.devices), session, url=f"{SITE}/{kind}", page_kind=kind, **landing)


def _identify(few: _Few) -> None:
    device, session = few.one_of(few.devices), few.one_of(few.sessions)
    few.story.web(few.at, device, session, type="identify", email=few.one_of(few.emails))


def _form(few: _Few) -> None:
    kind = few.one_of(["demo_request", "content", "contact", "newsletter", "imported_list"])
    email, device = few.one_of(few.emails), few.one_of([*few.devices, None])
    if device and few.story.chance(0.25):
        email = ""
    session = {"session_id": few.one_of(few.sessions)} if device else {}
    size = few.one_of(["11-50", "201-500"])
    few.story.form(few.at, email, device, form_kind=kind, company_size=size, job_title="Head of IT", **session)


def _record(few: _Few) -> None:
    """Created or changed, with an address: by and by every record has had several, and every address several."""
    kind, email = few.one_of(["lead_created", "lead_updated"]), few.one_of([*few.emails, None])
    few.story.crm(few.at, kind, **few.record(), email=email, company_size="51-200", created_how="integration")


def _worked_on(few: _Few) -> None:
    rep = few.one_of([rep.id for rep in REPS])
    call = {"activity_kind": "call", "activity_direction": "outbound", "activity_human": True, "actor_role": "sales"}
    kind, fields = few.one_of(
        [
            ("assigned", {"owner_id": rep, "owner_kind": "person"}),
            ("assigned", {"owner_id": "queue", "owner_kind": "queue"}),
            ("status_changed", {"status": "MQL"}),
            ("status_changed", {"status": "SQL"}),
            ("accepted", {}),
            ("rejected", {"reason": "no budget", "reason_class": "budget"}),
            ("activity_logged", {**call, "actor_id": rep, "activity_outcome": "connected"}),
            ("campaign_response", {"campaign": "webinar"}),
            ("marketing_email", {"email_action": "clicked"}),
            ("nurture_entered", {"campaign": "basics"}),
            ("deleted", {}),
        ]
    )
    few.story.crm(few.at, kind, **few.record(), **fields, changed_by=rep)


def _convert(few: _Few) -> None:
    lead, contact = few.one_of(few.leads), few.one_of(few.contacts)
    few.story.crm(few.at, "converted", lead, contact_id=contact, lead_id=lead, status="Converted")


def _merge(few: _Few) -> None:
    """And perhaps unmerged, also before or at once; the other record may not be known yet, never be, or be the same."""
    record = few.record()
    other = few.one_of(few.leads if record["record_kind"] == "lead" else few.contacts)
    few.story.crm(few.at, "merged", **record, other_record_id=other)
    if few.story.chance(0.4):
        at = few.at + few.one_of([-1, 0, 1, 3]) * DAY
        few.story.crm(at, "unmerged", **record, other_record_id=other)


def _deal(few: _Few) -> None:
    """One of nobody, of some contacts, of a primary contact that changes, or of a lead."""
    named = few.story.rng.sample(few.contacts, few.one_of([0, 0, 1, 2]))
    few.story.crm(
        few.at,
        few.one_of(["opportunity_created", "opportunity_stage_changed", "opportunity_won", "opportunity_lost"]),
        few.one_of(few.deals),
        record_kind="opportunity",
        contacts=[{"contact_id": contact, "role": "user"} for contact in named],
        primary_contact_id=few.one_of([*few.contacts, *[None] * 9]),
        lead_id=few.one_of([*few.leads, *[None] * 8]),
        stage=few.one_of(["Discovery", "Proposal"]),
        amount=float(few.one_of([1000, 2000])),
        account_name=few.one_of(["Acme", None]),
    )


def _order(few: _Few) -> None:
    """Somebody is told apart, joined again or forgotten: by the record, with or without an address, or by address."""
    kind, email = few.one_of(["blocked", "blocked", "unblocked", "unblocked", "erased"]), few.one_of(few.emails)
    if few.story.chance(0.4):
        few.story.crm(few.at, kind, email, record_kind="email", source="funnelwatch", reason="operator")
    else:
        few.story.crm(few.at, kind, **few.record(), email=few.one_of([email, None]), reason="asked for it")


def _forget_device(few: _Few) -> None:
    few.story.web(few.at, few.one_of(few.devices), few.sessions[0], type="erased")


_HAPPENS: dict[Callable[[_Few], None], float] = {
    _page: 33,
    _identify: 6,
    _form: 19,
    _record: 13,
    _worked_on: 12,
    _convert: 3,
    _merge: 7,
    _deal: 5,
    _order: 2,
    _forget_device: 0.3,
}


def _address_of_many(story: Story, number: int) -> None:
    """As many records as an address may have, and one more; each has another address besides, which it keeps."""
    employer = any_company(story.rng)
    shared = any_person(story.rng, employer).email
    story.form(story.born, shared, form_kind="content")
    for _ in range(_LIMIT + number % 2):
        record, at = story.new_id("00Q"), story.born + story.within(0, 20 * DAY)
        story.crm(at, "lead_created", record, email=shared)
        story.crm(at + HOUR, "lead_updated", record, email=any_person(story.rng, employer).email)


def _chain(story: Story, number: int) -> None:
    """Each record is merged into the next: as many as a lead may have, and one more. Some links go again."""
    records = [story.new_id("00Q") for _ in range(_LIMIT + number % 2)]
    for loser, survivor in pairwise(records):
        at = story.born + story.within(0, 10 * DAY)
        story.crm(at + story.within(-DAY, DAY), "lead_created", loser)
        story.crm(at, "merged", survivor, other_record_id=loser)
    if number >= 2:
        story.crm(story.born + 25 * DAY, "unmerged", records[-1], other_record_id=records[-2])


def _tablet(story: Story, number: int) -> None:
    """At a booth, where many fill in a form and some only look; the first has more people than a device can have."""
    device, employer = story.new_id("d"), any_company(story.rng)
    many, rare = (_LIMIT + 10, 0.05) if number == 0 else (3 + number, 0.3)
    for _ in range(many):
        at = story.born + story.within(0, 3 * DAY)
        email = "" if story.chance(rare) else any_person(story.rng, employer).email
        story.form(at + MINUTE, email, device, session_id=f"s{at // DAY}", form_kind="event")
        if story.chance(rare):
            story.web(at, device, story.new_id("s"), url=f"{SITE}/demo", page_kind="demo")


def _kiosk(story: Story, number: int) -> None:
    """More sessions than are kept of a device, and one person in some of them."""
    device, email = story.new_id("d"), any_person(story.rng, any_company(story.rng)).email
    for visit in range(240):
        at, session = story.born + story.within(0, 20 * DAY), story.new_id("s")
        story.web(at, device, session, url=f"{SITE}/pricing", page_kind="pricing")
        if visit % 20 == 0:
            story.web(at + MINUTE, device, session, type="identify", email=email)


def _mailbox(story: Story, number: int) -> None:
    """A role inbox that several records and devices give as theirs."""
    employer, device = any_company(story.rng), story.new_id("d")
    inbox = f"info@{employer.domain}"
    for _ in range(4):
        at = story.born + story.within(0, 10 * DAY)
        story.crm(at, "lead_created", story.new_id("00Q"), email=inbox, company=employer.name)
        story.web(at, device, story.new_id("s"), url=SITE, page_kind="home")
        story.form(at + HOUR, inbox, device, form_kind="contact")
