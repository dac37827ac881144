from __future__ import annotations

import pytest

from tests.journey.dsl import DEFINITION, journey


@pytest.mark.parametrize(
    ("data", "channel"),
    [
        ({}, "direct_traffic"),
        ({"utm_medium": "cpc", "utm_source": "google"}, "paid_search"),
        ({"utm_medium": "CPC", "utm_source": "LinkedIn"}, "paid_social"),
        ({"utm_source": "linkedin", "utm_medium": "social"}, "social"),
        ({"utm_medium": "email"}, "email"),
        ({"utm_medium": "display"}, "display"),
        ({"click_id": "gclid:abc"}, "paid_search"),
        ({"click_id": "gclid:abc", "partner_code": "P1"}, "partner"),
        ({"referral_code": "R1"}, "referral"),
        ({"referrer": "https://www.google.co.uk/search?q=x"}, "organic_search"),
        ({"referrer": "https://www.linkedin.com/feed"}, "social"),
        ({"referrer": "https://blog.example.org/post"}, "website"),
        ({"referrer": "not a url"}, "direct_traffic"),
        ({"referrer": "http://[broken"}, "direct_traffic"),
        ({"utm_campaign": "spring"}, "campaign"),
        ({"rep_link": True, "utm_medium": "email"}, "rep_link"),
        ({"referrer": None, "utm_medium": None}, "direct_traffic"),
    ],
)
def test_channel_of_a_visit(data: dict[str, object], channel: str) -> None:
    assert DEFINITION.channel_of(data) == channel


def came(text: str) -> tuple[str, str]:
    lead = journey(text).lead
    return lead["origin"], lead["channel"]


def test_the_earliest_marketing_touch_names_the_channel() -> None:
    assert came("""
        -mon 09:00  visit referrer=https://google.com/
        mon 09:00   visit utm_medium=cpc session_id=s2
        mon 09:05   form demo_request
    """) == ("marketing", "organic_search")


def test_a_form_that_cannot_tell_has_the_channel_of_its_visit() -> None:
    told = journey("mon 09:00 visit utm_medium=display \n mon 09:05 form content session_id=s1")
    assert [touch["channel"] for touch in told.table("touches").values()] == ["display", "display"]


def test_direct_visits_only_are_nobodys_merit() -> None:
    assert came("mon 09:00 visit \n mon 09:05 form demo_request") == ("direct", "direct_traffic")


def test_a_touch_after_the_leads_start_did_not_start_it() -> None:
    assert came("mon 09:00 created MQL \n tue 09:00 visit utm_medium=cpc") == ("unknown", "")


def test_a_touch_of_more_than_24_months_ago_does_not_count() -> None:
    assert came("2024-01-10 09:00 visit utm_medium=cpc \n mon 09:00 created MQL") == ("unknown", "")
    assert came("2024-06-10 09:00 visit utm_medium=cpc \n mon 09:00 created MQL") == ("marketing", "paid_search")


def test_a_reps_own_link_is_no_marketing_touch() -> None:
    assert came("mon 08:00 call \n mon 09:00 visit rep_link=true utm_medium=email \n mon 09:05 form content") == (
        "sales",
        "outbound",
    )


def test_a_hand_made_record_is_sales_unless_marketing_was_first() -> None:
    assert came("mon 09:00 created MQL created_how=manual") == ("sales", "outbound")
    assert came("-mon 09:00 response expo campaign_channel=event \n mon 09:00 created MQL created_how=manual") == (
        "marketing",
        "event",
    )


def test_a_call_noted_afterwards_claims_no_lead() -> None:
    visit = "mon 09:00 visit utm_medium=cpc \n mon 10:00 form content \n"
    assert came(visit + "-mon 08:00 call") == ("sales", "outbound")
    assert came(visit + "-mon 08:00 call logged=tue/09:00") == ("marketing", "paid_search")


def test_a_machines_mail_is_no_outreach_of_sales() -> None:
    assert came("mon 08:00 mail sequence=s1 \n mon 09:00 created MQL") == ("unknown", "")


def test_partner_and_referral_win_where_evidenced_by_the_start() -> None:
    visit = "-mon 09:00 visit utm_medium=cpc \n"
    assert came(visit + "mon 09:00 form content partner_code=P1") == ("partner", "partner")
    assert came(visit + "mon 09:00 form content \n mon 09:10 created referrer_name=x") == ("referral", "referral")
    assert came(visit + "mon 09:00 form content \n thu 09:10 updated partner=late") == ("marketing", "paid_search")


def test_known_only_by_claim() -> None:
    assert came("mon 09:00 created MQL marketing_source='Direct_Traffic lead_source=cold_call") == (
        "unknown",
        "direct_traffic",
    )
    assert came("mon 09:00 created MQL lead_source='Cold_Call") == ("unknown", "cold_call")
    assert came("mon 09:00 created MQL marketing_source=unknown") == ("unknown", "unknown")
    assert came("mon 09:00 created MQL") == ("unknown", "")


def test_a_claim_does_not_beat_evidence_but_is_kept_beside_it() -> None:
    told = journey(
        "mon 09:00 visit utm_medium=cpc \n mon 09:05 form content \n mon 09:10 created lead_source='Cold_Call"
    )
    assert (told.lead["channel"], told.lead["claimed_by_sales"]) == ("paid_search", "cold_call")


def test_segments_are_as_of_stage_entry_and_as_of_now() -> None:
    told = journey(
        "mon 09:00 form content company_size=20 region=DE \n tue 09:00 created MQL company_size=51-200 region=US"
    )
    entries = told.table("stage_entries")
    assert (entries["1", "inquiry"]["size_band"], entries["1", "inquiry"]["region"]) == ("small", "dach")
    assert (entries["2", "mql"]["size_band"], entries["2", "mql"]["region"]) == ("mid", "north_america")
    assert told.lead["size_band"] == "mid"
