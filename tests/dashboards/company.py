"""A believable company in fact rows: some months of leads, reps of different habits, and what is owed right now."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from random import Random
from typing import Any

from sinks.tables import TABLES
from sinks.writer import Batch

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LONG_QUERY = "utm_source=newsletter&utm_medium=email&utm_campaign=spring-price-list-2026&utm_content=" + "x" * 80
VERSION = "1f0c6a3be2d4"
DAYS_OF_HISTORY = 130

CHANNELS = {
    "organic_search": (0.27, 0.9),
    "paid_search": (0.22, 1.0),
    "social": (0.13, 0.6),
    "referral": (0.09, 1.9),
    "email": (0.1, 0.8),
    "partner": (0.06, 2.1),
    "direct_traffic": (0.1, 0.9),
    "": (0.03, 0.4),
}
ORIGIN = {"referral": "referral", "partner": "partner", "direct_traffic": "direct", "": "unknown"}
REGIONS = ("DACH", "Nordics", "Benelux", "UK & Ireland", "Iberia")
INDUSTRIES = ("Manufacturing", "Software", "Logistics", "Retail", "Health")
BANDS = ("1-49", "50-249", "250-999", "1000+")
CAMPAIGNS = ("Plant-floor webinar", "Spring price list", "Buyer's guide 2026", "Retargeting DACH", "Partner day")
FIRST = (
    "Alder Amber Arden Baltic Birch Brightwater Cedar Clearline Cobalt Corvus Delta Elmwood Falken Fernhill "
    "Granite Halden Harbour Hollin Iron Juniper Kestrel Kvist Larch Linden Meridian Nordal Oak Oriel Pendle Pine "
    "Quarry Raven Rowan Sable Silver Sorrel Stillwater Tarn Thistle Umber Vantage Vesper Wexford Willow Yarrow"
)
LAST = "Analytics Automation Brewing Components Foods Freight Health Instruments Labs Logistics Metals Optics"
MOMENTS = {"activity_logged": ["sales_touch", "any_activity"], "opportunity_won": ["deal_closed"]}
REASONS = ("timing", "budget", "fit", "no_response", "")
DEPARTMENTS = ("IT", "Operations", "")
TITLES = ("Head of IT", "Economic buyer", "User", "")
REPS = ("Ana Silva", "Bruno Keller", "Chloé Martin", "Deniz Aydin")


@dataclass
class Company:
    """Rows as they are made, and what the boards are asked at (`now`, UTC µs)."""

    now: int
    random: random.Random
    batch: Batch = field(default_factory=Batch)
    amounts: bool = True
    later: Random = field(default_factory=lambda: Random(11))  # for what was added later
    leads: list[str] = field(default_factory=list)

    def key(self) -> str:
        return f"{self.random.getrandbits(64):016x}"

    def row(self, table: str, key: tuple[Any, ...], **values: Any) -> None:
        defaults = {column.name: _default(column.type) for column in TABLES[table].values}
        self.batch.add(table, key, defaults | values, 1, self.now)

    def maybe(self, share: float) -> bool:
        return self.random.random() < share

    def after(self, at: int, minutes: float) -> int:
        """A time about so many minutes after `at`."""
        return at + int(self.random.expovariate(1 / minutes) * MINUTE) + 20_000_000


@dataclass
class Lead:
    company: Company
    id: str
    segments: Mapping[str, Any]
    began: int
    hot: bool
    owner: str = ""
    stage: str = "known"
    since: int = 0
    last: int = 0
    entries: list[tuple[str, int, str]] = field(default_factory=list)
    reason: str = ""
    assignments: list[dict[str, Any]] = field(default_factory=list)

    def enter(self, stage: str, at: int) -> bool:
        if at > self.company.now:
            return False
        self.entries.append((stage, at, self.company.key()))
        self.stage, self.since = stage, at
        self.happened(at, "stage", f"became {stage}")
        return True

    def happened(self, at: int, kind: str, summary: str, source: str = "crm") -> None:
        if at <= self.company.now:
            self.last = max(self.last, at)
            cause = self.company.key()
            self.company.row(
                "lead_events",
                (self.id, cause),
                occurred_at=at,
                recorded_at=at,
                type=kind,
                summary=summary,
                source=source,
                event_id=cause[:8],
                moments=MOMENTS.get(kind, []),
            )

    def given(self, at: int) -> dict[str, Any]:
        """A hand-over; what is put into it afterwards is written with it."""
        company = self.company
        values: dict[str, Any] = {
            "cycle": 1, "assigned_at": at, "owner": self.owner, "how": "given", "handover": 1,
            "ready": int(company.later.random() < 0.8), "hot": int(self.hot), "cycle_began_at": self.began,
            "inbound_at": self.began, "day_due_at": at + DAY, **self.segments,
        }  # fmt: skip
        self.assignments.append(values)
        return values

    def touched(self, at: int, given: dict[str, Any]) -> None:
        if at > self.company.now:
            return
        given["touched_at"] = at
        self.company.row(
            "activities", (self.id, f"a{self.company.later.getrandbits(40):x}"), occurred_at=at, recorded_at=at,
            kind=self.company.later.choice(("call", "meeting")), direction="two_way", human=1, actor=self.owner,
            actor_role="sales",
        )  # fmt: skip

    def owes(
        self, kind: str, side: str, at: int, minutes: float, met: int | None, ended: int | None = None, why: str = ""
    ) -> None:
        now = self.company.now
        if at > now:
            return
        met = met if met is not None and met <= now else None
        ended = ended if ended is not None and ended <= now else None
        self.company.row(
            "obligations",
            (self.id, kind, self.company.key()),
            cycle=1,
            owed_by=side,
            owner=self.owner,
            opened_at=at,
            warn_at=at + int(0.75 * minutes * MINUTE),
            due_at=at + int(minutes * MINUTE),
            met_at=met,
            ended_at=ended,
            end_kind=("voided" if why else "lost") if ended else "",
            void_reason=why if ended else "",
            met_by="" if met is None else "e",
            stage=self.stage,
            hot=int(self.hot),
            definition_version=VERSION,
            opened_by_source="site/f-1",
            **self.segments,
        )


def _default(kind: str) -> Any:
    if kind.startswith("Nullable"):
        return None
    if kind.startswith("Array"):
        return []
    return "" if "String" in kind else 0.0 if "Float" in kind else 0


def believable(now: int, leads: int = 620, seed: int = 7, amounts: bool = True) -> Batch:
    """`leads` leads and their visitors up to `now`, always the same for the same arguments.

    Without `amounts` the CRM knows nothing of money.
    """
    company = Company(now, random.Random(seed), amounts=amounts)
    for number in range(leads):
        _lead(company, number, leads)
    _visitors(company, 9 * leads)
    _rejects(company)
    _identities(company)
    for number, days in enumerate((780, 440, 780, 440, 780, 70)):
        _some_time_ago(company, number, days)
    return company.batch


def _some_time_ago(company: Company, number: int, days: int) -> None:
    """Customers, and who was declined so long ago that it can be said what came of it; one came nobody knows how."""
    origin = "unknown" if days < 90 else "marketing"
    segments = {"channel": "paid_search", "origin": origin, "size_band": "1-49", "industry": "Retail", "region": "DACH"}
    lead = Lead(company, "L" + company.key(), segments, company.now - days * DAY, False, REPS[0])
    name = f"Old {number // 4}"
    lead.enter("inquiry", lead.began)
    lead.enter("mql", lead.began + DAY)
    if number % 2:
        lead.enter("customer", lead.began + 60 * DAY)
    else:
        lead.reason = "timing"
        lead.enter("rejected", lead.began + 2 * DAY)
        if number:
            _won(lead, lead.began + 40 * DAY, lead.began + 90 * DAY, lead.id if number == 2 else "", name)
    _write(lead, f"00Q8{number:05d}", name)


def _identities(company: Company) -> None:
    """Two leads that turned out to be one an hour ago, and some that are kept apart."""
    merged, *others = company.leads[-40:-35]
    company.row(
        "lead_events", (merged, "moved"), identifier="crm_lead:00Q9", occurred_at=company.now - DAY,
        type="lead_created",
        summary="was put into the CRM", source="crm", event_id="e-9",
    )  # fmt: skip
    company.row("obligations", (merged, "unrouted", "moved"), opened_at=company.now - DAY, due_at=company.now - DAY,
                met_at=company.now - DAY, owed_by="operations")  # fmt: skip
    company.row(
        "identity_changes", ("crm_lead:00Q9", 5), from_lead="L9999999999999999", to_lead=merged, what="merged",
        a="crm_lead:00Q8", b="crm_lead:00Q9", event="merge", at=company.now - HOUR, changed_at=company.now - HOUR,
    )  # fmt: skip
    for number, (why, lead) in enumerate(zip(("blocked", "hub", "hub", "oversize"), others, strict=True)):
        company.row("identities", (f"crm_lead:00Q7{number}",), lead_id=lead, why=why)


def _lead(company: Company, number: int, leads: int) -> None:
    rng = company.random
    channel = rng.choices(list(CHANNELS), [weight for weight, _ in CHANNELS.values()])[0]
    quality = CHANNELS[channel][1]
    from_sales = company.maybe(0.08)
    began = company.now - int(DAYS_OF_HISTORY * DAY * (1 - (number + rng.random()) / leads) ** 1.35)
    segments = {
        "channel": channel,
        "origin": "sales" if from_sales else ORIGIN.get(channel, "marketing"),
        "size_band": rng.choices(BANDS, (5, 3, 2, 1))[0],
        "industry": rng.choice(INDUSTRIES),
        "region": rng.choices(REGIONS, (5, 2, 2, 3, 1))[0],
    }
    lead = Lead(company, "L" + company.key(), segments, began, company.maybe(0.22))
    company.leads.append(lead.id)
    record = f"00Q{number:06d}"
    name = f"{rng.choice(FIRST.split())} {rng.choice(LAST.split())}"
    in_crm = _begins(lead, from_sales)
    ready = lead.began if from_sales else company.after(began, 60 * 30)
    if company.maybe(min(0.95, 0.55 + 0.12 * quality)) or lead.hot:
        _for_sales(lead, ready, quality, name)
    elif company.maybe(0.4):
        _nurture(lead, ready + 2 * DAY)
    _write(lead, record if in_crm <= company.now else "", name)


def _nurture(lead: Lead, at: int) -> None:
    """Some become ready by it later, and customers; all of those whose origin nobody knows."""
    later, unknown = lead.company.later, lead.segments["origin"] == "unknown"
    if lead.enter("nurture", at) and (unknown or later.random() < 0.4) and lead.enter("mql", at + 20 * DAY):
        if later.random() < 0.5:
            lead.enter("opportunity", at + 30 * DAY)
        if (unknown or later.random() < 0.3) and lead.enter("customer", at + 40 * DAY):
            _won(lead, at + 30 * DAY, at + 40 * DAY, lead.id, "")
    elif lead.stage == "nurture" and later.random() < 0.3:
        lead.owes("nurture_lapsed", "marketing", at, 60 * 24 * 15, None)


def _won(lead: Lead, made: int, closed: int, person: str, account: str) -> None:
    """A deal of the person, or of the account alone."""
    company = lead.company
    company.row(
        "deals", (person, f"R{company.later.getrandbits(40):010x}"), account=account, stage="Closed", status="won",
        kind="new_business", amount=7000.0 if company.amounts else 0.0, currency="EUR" if company.amounts else "",
        created_at=made, closed_at=closed, owner=lead.owner, channel=lead.segments["channel"],
        origin=lead.segments["origin"], days_to_close=(closed - lead.began) / DAY,
    )  # fmt: skip


def _begins(lead: Lead, from_sales: bool) -> int:
    company, rng = lead.company, lead.company.random
    if from_sales:
        return lead.began
    visit = lead.began - int(rng.random() * 6 * DAY)
    if company.maybe(0.8):  # the others were never seen on the site
        lead.enter("visitor", visit)
    lead.enter("inquiry", lead.began)
    lead.happened(visit, "session", f"visited https://www.example.com/pricing?{LONG_QUERY} and 4 other pages", "site")
    form = "demo request" if lead.hot else rng.choice(("content download", "newsletter", "contact form"))
    lead.happened(lead.began, "form_submitted", f"sent a form: {form}", "site")
    campaign = rng.choice(CAMPAIGNS) if company.maybe(0.55) else ""
    for at, kind in ((visit, "session"), (lead.began, "form")):
        company.row(
            "touches",
            (lead.id, company.key()),
            occurred_at=at,
            kind=kind,
            channel=lead.segments["channel"],
            campaign=campaign,
            direction="inbound",
            side="marketing",
            source="site",
        )
    captured = lead.began + int(rng.choice((0.4, 1, 2, 4, 6, 9, 11)) * MINUTE)
    if company.maybe(0.09):
        captured = company.after(lead.began, 60 * 50)
    lead.owes("capture_gap", "data", lead.began, 15, captured)
    return captured


def _for_sales(lead: Lead, ready: int, quality: float, name: str) -> None:
    company, rng = lead.company, lead.company.random
    if not lead.enter("mql", ready):
        return
    assigned = ready + int(rng.random() * 4.5 * MINUTE)
    if company.maybe(0.12):
        assigned = company.after(ready, 60 * 26)
    lead.owes("unrouted", "operations", ready, 5, assigned)
    if assigned > company.now:
        return
    lead.owner = rng.choices(REPS, (3, 3, 2, 3))[0]
    given = lead.given(assigned)
    lead.happened(assigned, "assigned", f"assigned to {lead.owner}")
    slow = {"Ana Silva": 100, "Bruno Keller": 300, "Chloé Martin": 500, "Deniz Aydin": 600}[lead.owner]
    touched = company.after(assigned, 14 if lead.hot and lead.owner != "Deniz Aydin" else slow)
    ignored = lead.owner == "Bruno Keller" and not lead.hot and company.maybe(0.45)
    junk = company.maybe(0.04)
    given_up = assigned + 26 * DAY if ignored else None
    set_aside = assigned + 5 * HOUR if junk else None
    touch = None if ignored or junk else touched
    lead.owes(
        "untouched",
        "sales",
        assigned,
        30 if lead.hot else 24 * 60,
        touch,
        set_aside or given_up,
        "duplicate" if junk else "",
    )
    if junk:
        return
    if touch:
        lead.happened(touch, "activity_logged", f"{lead.owner} called, reached")
        lead.touched(touch, given)
    decided = given_up or company.after(touched, 60 * 22 if lead.owner == "Ana Silva" else 60 * 36)
    good = not ignored and company.maybe(min(0.85, 0.42 * quality + (0.25 if lead.hot else 0)))
    lead.owes("undecided", "sales", assigned, 48 * 60, decided)
    if decided <= company.now:
        given |= {"decided_at": decided, "decided": "sal" if good else "rejected"}
    if not good:
        lead.reason = company.later.choice(REASONS)
        _bought_after_all(lead, decided, name)
        if lead.enter("rejected", decided):
            said = decided + 5 * MINUTE if lead.owner != "Chloé Martin" or company.maybe(0.1) else None
            lead.owes("rejected_without_reason", "sales", decided, 15, said)
        return
    if lead.enter("sal", decided):
        _deal(lead, decided, quality, name)


def _bought_after_all(lead: Lead, declined: int, name: str) -> None:
    """Some of those that are declined: by themselves, or nobody knows by whom of their company."""
    company, later = lead.company, lead.company.later
    made, won = declined + 9 * DAY, declined + 30 * DAY
    if won > company.now or later.random() > 0.3:
        return
    _won(lead, made, won, lead.id if later.random() < 0.5 else "", name)


def _deal(lead: Lead, accepted: int, quality: float, name: str) -> None:
    company, rng = lead.company, lead.company.random
    qualified = company.after(accepted, 60 * 50)
    if not company.maybe(0.72) or not lead.enter("sql", qualified):
        return
    opened = company.after(qualified, 60 * 16)
    lead.owes("handoff", "sales", qualified, 24 * 60, opened)
    if not lead.enter("opportunity", opened):
        return
    band = BANDS.index(lead.segments["size_band"])
    amount = round(rng.lognormvariate(8.9 + 0.75 * band, 0.45), -2)
    closed = company.after(opened, 60 * 24 * 22)
    over = closed <= company.now
    won = company.maybe(0.36 + 0.1 * quality)
    lead.owes("stalled_deal", "sales", opened, 60 * 24 * (7, 21, 21, 45)[band], closed)
    company.row(
        "deals",
        (lead.id, "D" + company.key()[:10]),
        account=name,
        stage="Closed" if over else rng.choice(("Discovery", "Proposal", "Negotiation")),
        status=("won" if won else "lost") if over else "open",
        kind="new_business",
        amount=amount if company.amounts else 0.0,
        currency=("EUR" if company.maybe(0.93) else "GBP") if company.amounts else "",
        created_at=opened,
        closed_at=closed if over else None,
        reason="" if won or not over else rng.choice(("price", "no budget", "chose another")),
        owner=lead.owner,
        days_to_close=(closed - lead.began) / DAY if over and won else None,
        claimed_by_marketing=lead.segments["channel"],
        claimed_by_sales=company.later.choice((lead.segments["channel"], "outbound", "")),
        channel=lead.segments["channel"],
        origin=lead.segments["origin"],
        definition_version=VERSION,
    )
    if over:
        lead.enter("customer" if won else "lost", closed)
        lead.happened(closed, "opportunity_won" if won else "opportunity_lost", f"deal {'won' if won else 'lost'}")


def _write(lead: Lead, record: str, name: str) -> None:
    company = lead.company
    company.row(
        "leads",
        (lead.id,),
        crm_record_id=record,
        stage=lead.stage,
        cycle=1,
        owner=lead.owner,
        owner_kind="person" if lead.owner else "",
        claimed_by_marketing=lead.segments["channel"] if lead.segments["origin"] == "marketing" else "",
        department=company.later.choice(DEPARTMENTS),
        job_title=company.later.choice(TITLES),
        claimed_by_sales="outbound" if company.maybe(0.3) else "",
        account=name,
        company=name,
        score=float(company.random.randint(20, 99)),
        hot=int(lead.hot),
        began_at=lead.began,
        stage_since=lead.since,
        last_event_at=lead.last or lead.began,
        events=len(lead.entries),
        definition_version=VERSION,
        definition_signed=1,
        **lead.segments,
    )
    for (stage, at, cause), following in zip_longest(lead.entries, lead.entries[1:]):
        company.row(
            "stage_entries",
            (lead.id, cause, stage),
            cycle=1,
            entered_at=at,
            left_at=following[1] if following else None,
            next=following[0] if following else "",
            began_at=lead.began,
            owner=lead.owner,
            score=50.0,
            ready=int(int(cause, 16) % 5 > 0),
            hot=int(lead.hot),
            reason_class=lead.reason if stage == "rejected" else "",
            definition_version=VERSION,
            **lead.segments,
        )
    for values in lead.assignments:
        company.row("assignments", (lead.id, "given"), **values)
    identifiers = [("email:" + company.key() * 2, "email", "")]
    if record:
        identifiers.append(("crm_lead:" + record, "crm_lead", record))
    for identifier, kind, record_id in identifiers:
        company.row("lead_identifiers", (lead.id, identifier), kind=kind, record_id=record_id, first_seen=lead.began)


def _visitors(company: Company, devices: int) -> None:
    rng = company.random
    for _ in range(devices):
        device = company.key()
        at = company.now - int(rng.random() * DAYS_OF_HISTORY * DAY)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            if at > company.now:
                break
            company.row(
                "visits",
                (device, company.key()),
                started_at=at,
                ended_at=min(company.now, at + rng.randint(1, 20) * MINUTE),
                pages=rng.randint(1, 9),
                channel=rng.choices(list(CHANNELS), [weight for weight, _ in CHANNELS.values()])[0],
                country=rng.choice(("DE", "AT", "SE", "NL", "GB", "ES")),
                landing="/pricing",
                ownership="identified" if rng.random() < 0.1 else "anonymous",
            )
            at += rng.randint(1, 9) * DAY


def _rejects(company: Company) -> None:
    for offset in range(4):
        company.row(
            "rejects", ("crm.events", 0, 1000 + offset), reason="not_avro", detail="not Avro", appended_at=company.now
        )


def progress(now_wall: int) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Rows of `progress`, by key, of a worker that has taken in everything (`now_wall`: wall clock, UTC µs)."""
    values = {"as_of": now_wall, "lag": 0, "committed": 1000, "events": 1000, "messages": 0, "rows": 0, "at": now_wall}
    return {(step, "web.events", 0): values for step in ("sessionize", "identify", "resolve", "journey")}


def reference(now: int, accounts: Sequence[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What the company loads by file, as rows by kind: of the months up to `now`; `accounts` are its targets."""
    today = datetime.fromtimestamp(now / 1_000_000, UTC).date()
    first = (today.replace(day=1) - timedelta(days=45)).replace(day=1)
    period = {"first_day": first, "last_day": today.replace(day=28), "file": "made.csv"}
    yield (
        "rates",
        [
            {"file": "made.csv", "line": line, "currency": currency, "valid_from": date(2025, 1, 1), "rate": rate}
            for line, (currency, rate) in enumerate((("EUR", 1.0), ("GBP", 1.17)))
        ],
    )
    spends = (("paid_search", 9000.0), ("social", 2500.0), ("email", 800.0), ("event", 4000.0))
    yield (
        "spend",
        [
            {**period, "line": line, "channel": channel, "campaign": "", "amount": amount, "currency": "EUR"}
            for line, (channel, amount) in enumerate(spends)
        ],
    )
    targets = (("inquiry", "", "", 300), ("mql", "DACH", "", 90), ("sal", "", "marketing", 60))
    yield (
        "targets",
        [
            {**period, "line": line, "region": region, "industry": "", "stage": stage, "origin": origin, "leads": leads}
            for line, (stage, region, origin, leads) in enumerate(targets)
        ],
    )
    yield "target_accounts", [
        {"file": "made.csv", "line": line, "account": name, "name": name, "division": division,
         "committee_role": role, "committee_size": 12}
        for line, (name, division, role) in enumerate(
            (name, division, role)
            for name in (*accounts, "Nowhere Inc")
            for division in ("IT", "Operations")
            for role in ("user", "economic buyer")
        )
    ]  # fmt: skip
