"""What the row of a lead says: score, owner, CRM record; and activities, deals and summaries."""

from __future__ import annotations

import pytest

from sinks.tables import TABLES
from streams.identity.inbox import Brought
from streams.journey.profile import ProfileReader, slug
from streams.journey.rows import rows_of
from tests.journey.dsl import DEFINITION, LEAD, at, journey


def test_rows_have_the_declared_keys_and_columns() -> None:
    told = journey("""
        mon 09:00  visit
        mon 09:05  form demo_request
        mon 09:06  assigned ann
        mon 09:30  call
        mon 10:00  deal
    """)
    assert {table for table, _ in told.rows} == {
        "leads", "stage_entries", "obligations", "assignments", "touches", "activities", "deals", "lead_events",
        "lead_identifiers",
    }  # fmt: skip
    for (table, key), columns in told.rows.items():
        assert len(key) == len(TABLES[table].key)
        assert key[0] == LEAD
        assert set(columns) == {column.name for column in TABLES[table].values}


def test_no_events_no_rows() -> None:
    assert rows_of(DEFINITION, LEAD, [], {}) == {}


def test_behaviour_and_fit_make_a_lead_sales_ready() -> None:
    text = "mon 09:00 visit pricing_pages=1 \n mon 10:00 form content \n tue 10:00 form event"
    assert journey(text).lead["score"] == 55
    assert journey(text).way == "visitor > inquiry"
    fitting = journey(text + "\n wed 10:00 updated company_size=500")
    assert fitting.lead["score"] == 70
    assert fitting.way == "visitor > inquiry > mql"


def test_old_interest_is_forgotten() -> None:
    assert journey("2025-11-01 09:00 form event \n mon 10:00 form content").lead["score"] == 15


def test_a_rule_counts_only_so_often() -> None:
    assert journey("\n".join(f"mon 1{n}:00 visit pricing_pages=1" for n in range(6))).lead["score"] == 45


def test_students_are_not_sales_ready() -> None:
    assert journey("mon 09:00 form demo_request job_title=Student").way == "inquiry"


def test_hot_is_asked_for_a_call_or_a_top_score() -> None:
    assert journey("mon 09:00 form contact").lead["hot"] == 1
    assert journey("mon 09:00 form content").lead["hot"] == 0


def test_owner_is_the_last_person_and_kind_is_of_the_present_owner() -> None:
    lead = journey("mon 09:00 assigned ann \n tue 09:00 queued pool").lead
    assert (lead["owner"], lead["owner_kind"]) == ("ann", "queue")
    assert journey("mon 09:00 queued pool").lead["owner"] == ""


def test_a_deals_owner_is_not_the_leads() -> None:
    told = journey("mon 09:00 assigned ann \n tue 09:00 deal owner_id=ben")
    assert told.lead["owner"] == "ann"
    (deal,) = told.table("deals").values()
    assert deal["owner"] == "ben"


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("mon 09:00 form content", ""),
        ("mon 09:00 created", "00Q1"),
        ("mon 09:00 created \n tue 09:00 converted 003A", "003A"),
        ("mon 09:00 created record_id=00Q2 \n tue 09:00 created \n wed 09:00 merged 00Q2", "00Q1"),
        ("mon 09:00 created \n tue 09:00 deleted 00Q1", ""),
    ],
)
def test_crm_record_id_is_where_a_person_finds_the_lead(text: str, record: str) -> None:
    assert journey(text).lead["crm_record_id"] == record


def test_identifiers() -> None:
    told = journey("mon 09:00 created", nodes={"email:ab12": Brought(5), "crm_lead:00Q1": Brought(7)})
    version = {"definition_version": DEFINITION.version}
    assert told.table("lead_identifiers") == {
        ("email:ab12",): {"kind": "email", "record_id": "", "first_seen": 5, **version},
        ("crm_lead:00Q1",): {"kind": "crm_lead", "record_id": "00Q1", "first_seen": 7, **version},
    }


@pytest.mark.parametrize(
    ("said", "band"),
    [("12", "small"), ("51-200", "mid"), ("1,000 - 5,000", "enterprise"), ("500+", "mid"), ("SMB", "small"),
     ("Enterprise", "enterprise"), ("10 000", "enterprise"), ("many", "")],
)  # fmt: skip
def test_size_bands(said: str, band: str) -> None:
    assert ProfileReader(DEFINITION).size_band(said) == band


def test_regions_and_claims() -> None:
    profiles = ProfileReader(DEFINITION)
    assert (profiles.region("germany"), profiles.region("APAC")) == ("dach", "APAC")
    assert (profiles.claim("Google Ads"), profiles.claim("Other Publicities")) == ("paid_search", "other_publicities")
    assert slug(" Direct--Traffic ") == "direct_traffic"


def test_where_a_browser_stands_is_the_weakest_word() -> None:
    assert journey("mon 09:00 visit country=US").lead["region"] == "north_america"
    assert journey("mon 09:00 form content country=DE \n tue 09:00 visit country=US").lead["region"] == "dach"
    assert journey("mon 09:00 visit country=US \n tue 09:00 form content country=DE").lead["region"] == "dach"


def test_activities_say_when_they_count() -> None:
    told = journey("mon 09:00 mail logged=thu/09:00 \n mon 10:00 call connected by=ann")
    late, prompt = (told.table("activities")[cause,] for cause in ("1", "2"))
    assert (late["counts_from"], prompt["counts_from"]) == (at("thu 09:00"), at("mon 10:00"))
    assert (prompt["actor"], prompt["human"], prompt["direction"], prompt["outcome"]) == (
        "ann",
        1,
        "outbound",
        "connected",
    )


def test_a_deal_over_its_life() -> None:
    told = journey("""
        mon 09:00  form content
        tue 09:00  deal 'demo amount=100 currency=EUR
        wed 09:00  step 'offer amount=120
        thu 09:00  lost price reason_class=budget competitor=acme
    """)
    deal = told.table("deals")["006A",]
    assert (deal["stage"], deal["status"], deal["amount"], deal["currency"]) == ("lost", "lost", 120.0, "EUR")
    assert (deal["reason"], deal["reason_class"], deal["competitor"]) == ("price", "budget", "acme")
    assert (deal["created_at"], deal["closed_at"]) == (at("tue 09:00"), at("thu 09:00"))
    assert (deal["days_to_close"], deal["before_first_contact"]) == (3.0, 0)


def test_a_deal_tells_of_the_company_but_not_where_the_lead_came_from() -> None:
    lead = journey(
        "mon 09:00 created lead_source=web \n tue 09:00 won account_id=A1 company_size=500 lead_source=x"
    ).lead
    assert (lead["account"], lead["size_band"], lead["claimed_by_sales"]) == ("A1", "mid", "web")


def test_summaries_are_readable_and_hold_no_query() -> None:
    told = journey("""
        mon 09:00  visit pages=4 pricing_pages=1 url=https://example.com/pricing?email=a@b.c utm_medium=cpc
        mon 09:05  form demo_request
        mon 09:30  call no_answer by=ann
    """)
    assert [line["summary"] for line in told.table("lead_events").values()] == [
        "visit of 4 pages, landing on example.com/pricing, looked at pricing, by paid search",
        "form demo_request, by direct traffic",
        "outbound call by ann (no_answer)",
    ]


def test_a_record_that_was_unmerged_is_somebody_elses() -> None:
    way = "mon 09:00 created \n tue 09:00 merged 00Q2 \n wed 09:00 unmerged 00Q2 \n thu 09:00 deleted 00Q1"
    assert journey(way).lead["crm_record_id"] == ""
    first = at("mon 09:00")
    both = {"crm_lead:00Q1": Brought(first), "crm_lead:00Q2": Brought(first)}
    assert journey(way, nodes=both).lead["crm_record_id"] == "00Q2", "unless they are one by another link"


def test_who_left_the_funnel_has_spent_their_points() -> None:
    told = journey("mon 09:00 form content \n tue 09:00 nurture")
    assert told.lead["score"] == 0
    scores = {key[2]: row["score"] for (table, key), row in told.rows.items() if table == "stage_entries"}
    assert scores["nurture"] == 15, "as of entry it is what they left with"
