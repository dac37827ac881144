"""Companies to measure: the rows that journeys of leads make, and what stands beside them; all by chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

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
CURRENCIES = ["EUR", "EUR", "USD", "GBP"]
SPANS = [span * DAY for span in (1, 30, 90, 365, 730)]  # that the measures count by
ROLES = ["Champion", "economic buyer", "IT"]
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
        if (
            luck.random() < 0.3
        ):  # a record that only links, or one that brought something and was linked earlier or later
            name = luck.choice([f"crm_contact:003L{number}", f"crm_lead:00Q1{number}"])
            linked_at = luck.choice([None, since, since + luck.randrange(-300, 300) * DAY])
            rows["identities", (name,)] = values("identities", lead_id=lead_id, linked_at=linked_at)
    rows |= _deals_of_nobody(luck, len(journeys), times_in(rows))
    rows |= _visits(luck, 1 + len(journeys) // 2)
    mixed = list(rows.items())
    luck.shuffle(mixed)
    return dict(mixed)


def times_of(rows: Rows) -> dict[str, list[Micros]]:
    """When anything happened, by table and column."""
    found: dict[str, list[Micros]] = {}
    for (table, _), columns in rows.items():
        for name, value in columns.items():
            if name.endswith("_at") and value and table != "identity_changes":  # a log of what boards have shown
                found.setdefault(f"{table}.{name}", []).append(value)
    return found


def times_in(rows: Rows) -> list[Micros]:
    return [time for times in times_of(rows).values() for time in times]


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
        if event.type == "opportunity_won" and luck.random() < 0.3:
            data["record_id"] = f"C{number}"
    elif event.type in ("form_submitted", "lead_created", "lead_updated"):
        data = {**profile, **data}
    elif event.type == "activity_logged":
        data.setdefault("actor_role", luck.choice(["sales", "sales", "marketing", "support"]))
        if luck.random() < 0.1:
            data["activity_kind"] = "meeting"
    return event._replace(data=data)


def _worth(luck: Random, number: int) -> dict[str, Value]:
    worth: dict[str, Value] = {"currency": luck.choice(CURRENCIES)}
    if luck.random() < 0.6:
        worth["amount"] = luck.choice([0.0, 500.0, 1234.5])
    if luck.random() < 0.4:
        record = luck.choice([f"003A{number}", f"003L{number}", "003X", f"00Q1{number}"])
        worth["contacts"] = f"{record}:{luck.choice(ROLES)},003Y"
    if luck.random() < 0.2:
        worth["account_id"] = luck.choice(ACCOUNTS)
    if luck.random() < 0.2:
        worth["deal_kind"] = luck.choice(["renewal", "new_business"])
    return worth


def _placed(events: list[LeadEvent], luck: Random) -> list[LeadEvent]:
    """Somewhere in three years, some of them slow, and some just as long after one another as a measure asks."""
    shift, slow = luck.randrange(0, 800, 7) * DAY, luck.choice([1, 1, 1, 4, 15])

    def placed(time: Micros) -> Micros:
        return START + shift + (time - START) * slow

    found = [
        event._replace(occurred_at=placed(event.occurred_at), recorded_at=placed(event.recorded_at))
        for event in sorted(events, key=lambda event: event.occurred_at)
    ]
    if len(found) > 1 and luck.random() < 0.5:
        place = luck.randrange(1, len(found))
        wait = luck.choice(SPANS) - (found[place].occurred_at - found[luck.randrange(place)].occurred_at)
        late = [
            event._replace(occurred_at=event.occurred_at + wait, recorded_at=event.recorded_at + wait)
            for event in found[place:]
        ]
        found[place:] = late if wait > 0 else found[place:]
    return found


def _deals_of_nobody(luck: Random, leads: int, times: Sequence[Micros]) -> Rows:
    """Some of them are a lead's as well, as between two messages."""
    rows: Rows = {}
    for number in range(luck.randrange(2 + leads // 4)):
        made_at = luck.choice(times) + luck.choice([0, 0, 1, luck.randrange(-300, 300) * DAY])
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
