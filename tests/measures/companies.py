"""Companies to measure: the rows that journeys of leads make, and what stands beside them; all by chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from sinks.tables import TABLES
from streams.identity.inbox import Brought
from streams.journey.deals import deal_of_nobody
from streams.model import DAY, HOUR, LeadEvent, Micros, Value
from tests.journey.dsl import DEFINITION, at, events_of
from tests.journey.test_properties import _WHAT, MAKER
from tests.sinks.rows import values

Row = dict[str, Any]
Rows = dict[tuple[str, tuple[Any, ...]], Row]
START = at("mon 08:00")
FIRST_DAY = date(2026, 3, 2)
ACCOUNTS = ["A1", "A2", "A3", "kestrel.example"]
_CURRENCIES = ["EUR", "EUR", "USD", "GBP"]
_ROLES = ["Champion", "economic buyer", "IT"]
_OPENINGS = (  # most leads of a real company begin like this
    ["form demo_request", "created", "assigned ann"],
    ["visit pricing_pages=1 utm_medium=cpc", "form demo_request", "assigned ben", "call by=ben"],
    ["created MQL", "assigned ann"],
    ["created MQL created_how=manual", "assigned ben", "accepted"],
    ["form content", "status MQL", "assigned ben", "rejected timing reason_class=timing"],
    ["response expo", "status MQL", "assigned ann", "recycled", "status MQL"],
    [
        "created company_size=5000",
        "form event",
        "response expo",
        "visit pricing_pages=1",
        "assigned ann",
        "call by=ann",
    ],
)
_CLOCKS = ["mon 08:00", "mon 10:30", "tue 08:30", "wed 16:00", "fri2 10:00", "mon3 09:00", "thu5 11:00", "fri5 12:00"]


def random_journey(luck: Random) -> list[LeadEvent]:
    """For companies of hundreds: an opening as they are, then anything."""
    opening = luck.choice([*_OPENINGS, []])
    lines = opening + [luck.choice(_WHAT).strip() for _ in range(luck.randrange(0 if opening else 1, 9))]
    clocks = sorted(luck.choices(range(len(_CLOCKS)), k=len(lines)))
    return events_of("\n".join(f"{_CLOCKS[clock]} {line}" for clock, line in zip(clocks, lines, strict=True)))


def rows_of_company(journeys: Sequence[Sequence[LeadEvent]], luck: Random) -> Rows:
    rows: Rows = {}
    for number, events in enumerate(journeys):
        lead_id = f"L{number:04}"
        told = [_enriched(event, profile, number, luck) for profile in [_profile(luck)] for event in events]
        told = _placed(told, luck)
        since = min(event.occurred_at for event in told)
        names = luck.sample(["crm_lead:00Q1", "crm_contact:003A", "email:x"], luck.randint(1, 3))
        rows |= MAKER.rows(lead_id, told, {f"{name}{number}": Brought(since) for name in names})
        if luck.random() < 0.3:
            link = values("identities", lead_id=lead_id, linked_at=since + luck.randrange(300) * DAY)
            rows["identities", (f"crm_contact:003L{number}",)] = link
    rows |= _deals_of_nobody(luck, len(journeys))
    rows |= _visits(luck, 1 + len(journeys) // 2)
    return rows


def facts_of(rows: Iterable[tuple[str, tuple[Any, ...], Row]]) -> dict[str, list[Row]]:
    """Table, key and values of each row → rows by table, key columns among the others."""
    facts: dict[str, list[Row]] = {}
    for table, key, columns in rows:
        names = [column.name for column in TABLES[table].key]
        facts.setdefault(table, []).append({**dict(zip(names, key, strict=True)), **columns})
    return facts


def reference_of(
    luck: Random, accounts: Sequence[str], first: date = FIRST_DAY, days: int = 1500
) -> dict[str, list[Row]]:
    """Rows by kind, as a file's lines would be read."""

    def period(longest: int) -> Row:
        start = first + timedelta(luck.randrange(-30, days))
        return {"first_day": start, "last_day": start + timedelta(luck.randrange(longest))}

    kinds: dict[str, list[Row]] = {"rates": [], "spend": [], "targets": [], "target_accounts": []}
    if luck.random() < 0.7:
        kinds["rates"] = [{"currency": "EUR", "valid_from": date(2015, 1, 1), "rate": 1.0}]
        for since in sorted(luck.sample(range(0, days, 40), 3)):
            rate = {"currency": "USD", "valid_from": first + timedelta(since), "rate": luck.uniform(0.7, 1.2)}
            kinds["rates"].append(rate)
    for number in range(luck.randrange(6)):
        money = {"amount": luck.choice([0.0, 100.0, 999.5]), "currency": luck.choice(_CURRENCIES)}
        channel = luck.choice(["paid_search", "email", "direct_traffic", "event", "tv"])
        kinds["spend"].append({**period(90), "channel": channel, "campaign": f"c{number}", **money})
    for number in range(luck.randrange(6)):
        kinds["targets"].append(
            {
                **period(92),
                "region": luck.choice(["", "", "dach", "north_america"]),
                "industry": luck.choice(["", "", "it"]),
                "stage": luck.choice(["", "mql", "mql", "inquiry", "opportunity"]),
                "origin": luck.choice(["", "", "marketing", "sales"]),
                "leads": 1 + number,  # so that no two are alike
            }
        )
    for account in luck.sample(accounts, min(len(accounts), luck.randrange(4))):
        size = luck.choice([None, 5, 21])
        for division in luck.sample(["", "IT", "Sales"], luck.randint(1, 3)):
            for role in luck.sample(["", *_ROLES], luck.randint(1, 3)):
                line = {"account": account, "name": f"{account} Ltd", "division": division, "committee_role": role}
                kinds["target_accounts"].append({**line, "committee_size": size})
    return {kind: [{"file": kind, "line": line, **row} for line, row in enumerate(of, 2)] for kind, of in kinds.items()}


def _profile(luck: Random) -> dict[str, Value]:
    said: dict[str, list[Value]] = {
        "account_id": [*ACCOUNTS, "", f"B{luck.randrange(40)}"],
        "industry": ["", "it", "retail"],
        "region": ["", "DE", "US"],
        "company_size": ["", 10, 200, 5000],
        "department": ["", "IT", "Sales", "it"],
        "job_title": ["", "Chief economic Buyer", "student", "vp"],
        "lead_source": ["", "Google Ads", "cold call", "Newsletter"],
        "marketing_source": ["", "SEO", "event", "outbound"],
        "partner_code": ["", "", "", "", "p1"],
        "referral_code": ["", "", "", "", "r1"],
    }
    return {name: value for name, choices in said.items() if (value := luck.choice(choices)) != ""}


def _enriched(event: LeadEvent, profile: dict[str, Value], number: int, luck: Random) -> LeadEvent:
    """With what its person is known as, and its deal worth."""
    data = dict(event.data)
    if data.get("record_kind") == "opportunity":
        data["record_id"] = f"{data['record_id']}{number}"  # a deal is one lead's
        data |= _worth(luck, number)
    elif event.type in ("form_submitted", "lead_created", "lead_updated"):
        data = {**profile, **data}
    elif event.type == "activity_logged":
        data.setdefault("actor_role", luck.choice(["sales", "sales", "marketing", "support"]))
        if luck.random() < 0.1:
            data["activity_kind"] = "meeting"
    return event._replace(data=data)


def _worth(luck: Random, number: int) -> dict[str, Value]:
    worth: dict[str, Value] = {"currency": luck.choice(_CURRENCIES)}
    if luck.random() < 0.6:
        worth["amount"] = luck.choice([0.0, 500.0, 1234.5])
    if luck.random() < 0.4:
        record = luck.choice([f"003A{number}", f"003L{number}", "003X", f"00Q1{number}"])
        worth["contacts"] = f"{record}:{luck.choice(_ROLES)},003Y"
    if luck.random() < 0.2:
        worth["account_id"] = luck.choice(ACCOUNTS)
    if luck.random() < 0.2:
        worth["deal_kind"] = luck.choice(["renewal", "new_business"])
    return worth


def _placed(events: list[LeadEvent], luck: Random) -> list[LeadEvent]:
    """Somewhere in three years, and some of them slow."""
    shift, slow = luck.randrange(0, 800, 7) * DAY, luck.choice([1, 1, 1, 4, 15])

    def placed(time: Micros) -> Micros:
        return START + shift + (time - START) * slow

    return [
        event._replace(occurred_at=placed(event.occurred_at), recorded_at=placed(event.recorded_at)) for event in events
    ]


def _deals_of_nobody(luck: Random, leads: int) -> Rows:
    """Some of them are a lead's as well, as between two messages."""
    rows: Rows = {}
    for number in range(luck.randrange(2 + leads // 4)):
        made_at = START + luck.randrange(1200) * DAY
        deal_id = f"A{luck.randrange(leads)}" if luck.random() < 0.2 else f"N{number}"
        data = {"record_kind": "opportunity", "record_id": deal_id, "stage": "demo", **_worth(luck, number)}
        data |= {
            "account_id": luck.choice(ACCOUNTS),
            **{name: _profile(luck).get(name, "") for name in ("lead_source",)},
        }
        kinds = [
            "opportunity_created",
            *luck.choice([[], ["opportunity_won"], ["opportunity_won"], ["opportunity_lost"]]),
        ]
        events = [
            LeadEvent(
                f"n{number}.{place}", kind, made_at + place * when, made_at + place * when, "crm", "", "second", data
            )
            for when in [luck.randrange(1, 200) * DAY]
            for place, kind in enumerate(kinds)
        ]
        rows["deals", ("", deal_id)] = deal_of_nobody(DEFINITION, events)
    return rows


def _visits(luck: Random, devices: int) -> Rows:
    rows: Rows = {}
    for device in range(devices):
        first = START + luck.randrange(900) * DAY
        for session in range(luck.randint(1, 3)):
            began = first + luck.randrange(50) * HOUR
            channel = luck.choice(["paid_search", "direct_traffic", "email"])
            rows["visits", (f"d{device}", f"s{session}")] = values(
                "visits", started_at=began, ended_at=began + HOUR, pages=1, channel=channel, ownership="anonymous"
            )
    return rows
