"""Marketing's share of customers and of leads: counted, claimed by either side, and influenced."""

from __future__ import annotations

import pytest

from tests.support.made import Made, day, only, total

pytestmark = pytest.mark.slow
COUNTS = ("n", "marketing", "unknown", "claimed_by_marketing", "claimed_by_sales", "influenced")


def test_customers_are_won_new_deals_and_leads_are_leads(made: Made) -> None:
    """L1 is a customer of marketing with one deal won; its renewal, its lost and its open deal are no customers.
    L2 is a lead that nobody can tell, claimed by both for marketing's channels."""
    made.lead("L1", "2026-03-01 23:59", origin="marketing", channel="email", size_band="mid", region="dach")
    made.lead("L2", "2026-03-02", origin="unknown", claimed_by_marketing="social", claimed_by_sales="email")
    made.deal("L1", "D1", "2026-03-05", closed_at="2026-04-01 10:00", origin="marketing", channel="email")
    made.deal("L1", "D2", "2026-03-05", closed_at="2026-04-01", kind="renewal", origin="marketing")
    made.deal("L1", "D3", "2026-03-05", closed_at="2026-04-01", status="lost", origin="marketing")
    made.deal("L1", "D4", "2026-03-05", origin="marketing")
    rows = made.ask("marketing_share")
    assert only(rows, "day", "channel", "size_band", "region", *COUNTS, of="customers") == (
        *(day("2026-04-01"), "email", "mid", "dach"),
        *(1, 1, 0, 0, 0, 0),
    )
    assert only(rows, *COUNTS, of="leads", day=day("2026-03-01")) == (1, 1, 0, 0, 0, 0)
    assert only(rows, *COUNTS, of="leads", day=day("2026-03-02")) == (1, 0, 1, 1, 1, 0)


def test_a_claim_for_a_channel_that_is_not_marketings_is_no_claim_of_marketing(made: Made) -> None:
    for number, claim in enumerate(["email", "cold_call", "direct_traffic", ""]):
        made.lead(f"L{number}", claimed_by_marketing=claim, claimed_by_sales="cold_call")
    assert total(made.ask("marketing_share"), "n", "claimed_by_marketing", "claimed_by_sales", of="leads") == (4, 1, 0)


def test_the_claims_of_a_deal_are_its_own(made: Made) -> None:
    made.lead("L1", claimed_by_marketing="cold_call", claimed_by_sales="cold_call")
    made.deal("L1", "D1", "2026-03-05", closed_at="2026-04-01", claimed_by_marketing="email", claimed_by_sales="event")
    assert total(made.ask("marketing_share"), "claimed_by_marketing", "claimed_by_sales", of="customers") == (1, 1)


def test_the_deal_of_an_account_comes_of_the_first_of_its_people_before_it(made: Made) -> None:
    """Of acme: marketing on the 1st, sales on the 2nd, and a partner on the 10th, after the deal. So it is marketing's.
    Of beta: marketing on the 1st, then a referral on the 2nd, which goes before. Of gamma: a lead of whom nothing is
    known. The deal without an account has nobody's origin, although a lead without an account has one."""
    made.lead("A1", account="acme", origin="sales", origin_at="2026-03-02", channel="outbound", size_band="mid")
    made.lead("A2", account="acme", origin="marketing", origin_at="2026-03-01", channel="email", size_band="mid")
    made.lead("A3", account="acme", origin="partner", origin_at="2026-03-10", channel="partner")
    made.lead("B1", account="beta", origin="marketing", origin_at="2026-03-01", channel="email")
    made.lead("B2", account="beta", origin="referral", origin_at="2026-03-02", channel="referral")
    made.lead("C1", account="gamma", origin="unknown", channel="claimed")
    made.lead("E1", account="", origin="marketing", origin_at="2026-03-01")
    for account in ("acme", "beta", "gamma", ""):
        made.deal("", f"D {account}", "2026-03-05", closed_at="2026-04-01", account=account, origin="unknown")
    rows = [row for row in made.ask("marketing_share") if row["of"] == "customers"]
    assert {(r["origin"], r["channel"]): (r["n"], r["marketing"], r["unknown"], r["size_band"]) for r in rows} == {
        ("marketing", "email"): (1, 1, 0, ""),
        ("referral", "referral"): (1, 0, 0, ""),
        ("unknown", ""): (2, 0, 2, ""),
    }


def test_who_came_on_the_moment_of_the_deal_did_not_bring_it(made: Made) -> None:
    made.lead("A1", account="acme", origin="marketing", origin_at="2026-03-05", channel="email")
    made.deal("", "D1", "2026-03-05", closed_at="2026-04-01", account="acme", origin="unknown")
    assert only(made.ask("marketing_share"), "origin", of="customers") == "unknown"


@pytest.mark.parametrize(
    ("touched_at", "side", "influenced"),
    [
        ("2026-03-04 23:59", "marketing", 1),
        ("2026-03-04 23:59", "sales", 0),
        ("2026-03-05 00:00", "marketing", 0),  # with the deal, not before it
        ("2024-03-05 00:00", "marketing", 1),  # 730 days before, to the minute
        ("2024-03-04 23:59", "marketing", 0),
    ],
)
def test_a_customer_is_influenced_by_a_touch_of_marketing_in_the_two_years_before_the_deal(
    made: Made, touched_at: str, side: str, influenced: int
) -> None:
    made.lead("L1")
    made.touch("L1", touched_at, side=side)
    made.deal("L1", "D1", "2026-03-05", closed_at="2026-04-01")
    assert total(made.ask("marketing_share"), "influenced", of="customers") == influenced


def test_an_accounts_deal_is_influenced_by_a_touch_of_anybody_there(made: Made) -> None:
    made.lead("A1", account="acme")
    made.lead("B1", account="")
    made.touch("A1", "2026-03-01")
    made.touch("B1", "2026-03-01")
    for account in ("acme", "", "other"):
        made.deal("", f"D {account}", "2026-03-05", closed_at="2026-04-01", account=account)
    assert total(made.ask("marketing_share"), "n", "influenced", of="customers") == (3, 1)


def test_a_lead_is_influenced_by_any_touch_by_then(made: Made) -> None:
    made.lead("L1", "2026-03-01")
    made.touch("L1", "2026-03-10")
    assert total(made.ask("marketing_share", "2026-03-09 23:59"), "n", "influenced", of="leads") == (1, 0)
    assert total(made.ask("marketing_share", "2026-03-10"), "n", "influenced", of="leads") == (1, 1)


def test_what_happened_later_does_not_count(made: Made) -> None:
    made.lead("L1", "2026-03-01")
    made.deal("L1", "D1", "2026-03-05", closed_at="2026-04-01")
    assert made.ask("marketing_share", "2026-02-28") == []
    assert total(made.ask("marketing_share", "2026-03-31 23:59"), "n", of="customers") == 0
    assert total(made.ask("marketing_share", "2026-04-01"), "n", of="customers") == 1


def test_two_deals_of_one_lead_are_two_customers_and_another_generations_are_none(made: Made) -> None:
    made.lead("L1")
    made.deal("L1", "D1", "2026-03-05", closed_at="2026-04-01")
    made.written_elsewhere()
    made.lead("L2")
    made.deal("L2", "D2", "2026-03-05", closed_at="2026-04-01")
    made.deal("L2", "D3", "2026-03-05", closed_at="2026-04-02")
    rows = made.ask("marketing_share")
    assert (total(rows, "n", of="leads"), total(rows, "n", of="customers")) == (1, 2)
