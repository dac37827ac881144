from __future__ import annotations

from tests.journey.dsl import at, journey


def test_the_whole_way() -> None:
    told = journey("""
        mon 09:00  visit pages=6 pricing_pages=1
        mon 09:05  form demo_request
        mon 09:06  assigned ann
        mon 10:00  accepted
        tue 10:00  converted 003A
        tue 11:00  deal
        wed 11:00  won 5000
    """)
    assert told.way == "visitor > inquiry > mql > sal > sql > opportunity > customer"
    assert told.lead["stage"] == "customer"
    assert told.lead["stage_since"] == at("wed 11:00")
    assert told.lead["began_at"] == at("mon 09:00")
    mql = told.table("stage_entries")["2", "mql"]
    assert (mql["entered_at"], mql["left_at"], mql["next"]) == (at("mon 09:05"), at("mon 10:00"), "sal")


def test_an_imported_name_is_known_and_no_inquiry() -> None:
    told = journey("mon 09:00 form imported_list")
    assert told.way == ""
    assert (told.lead["stage"], told.lead["cycle"]) == ("known", 0)


def test_inbound_calls_and_mails_are_inquiries_outbound_ones_are_not() -> None:
    assert journey("mon 09:00 call direction=inbound").way == "inquiry"
    assert journey("mon 09:00 mail direction=inbound").way == "inquiry"
    assert journey("mon 09:00 call").way == ""


def test_skipped_stages_are_recorded_on_the_stage_that_was_jumped_to() -> None:
    assert journey("mon 09:00 created MQL \n tue 09:00 status SQL").way == "mql > sql (skipped)"


def test_the_first_stage_skips_nothing() -> None:
    assert journey("mon 09:00 created SQL").way == "sql"


def test_a_lower_stage_first_met_after_a_higher_one_moves_nobody_back() -> None:
    told = journey("""
        mon 09:00  created MQL
        tue 09:00  status SQL
        wed 09:00  form content
    """)
    assert told.way == "mql > sql (skipped) > inquiry (regressed)"
    assert told.lead["stage"] == "sql"
    regressed = told.table("stage_entries")["3", "inquiry"]
    assert (regressed["left_at"], regressed["next"]) == (at("wed 09:00"), "sql")
    assert told.table("stage_entries")["2", "sql"]["left_at"] is None


def test_a_deal_won_before_the_first_contact_is_shown_as_such() -> None:
    told = journey("""
        -sat 15:00  won
        mon 00:00  created MQL marketing_source='organic_search day
    """)
    assert told.way == "customer > mql (regressed)"
    assert told.lead["stage"] == "customer"
    assert told.lead["channel"] == "organic_search"
    (deal,) = told.table("deals").values()
    assert (deal["before_first_contact"], deal["days_to_close"]) == (1, None)


def test_a_new_cycle_begins_at_an_inquiry_after_rejection() -> None:
    told = journey("""
        mon 09:00  form content
        mon 10:00  rejected no_budget
        mon3 09:00 form content
    """)
    assert told.way == "inquiry > rejected | inquiry"
    assert told.lead["cycle"] == 2


def test_a_name_that_nurture_warms_up_is_still_in_its_first_cycle() -> None:
    assert journey("mon 09:00 nurture \n tue 09:00 form content").way == "nurture > inquiry"


def test_interest_before_a_rejection_does_not_make_the_next_mql() -> None:
    told = journey("""
        mon 09:00  form demo_request
        mon 10:00  rejected timing
        tue 10:00  visit
    """)
    assert told.way == "inquiry > mql > rejected"
    assert told.lead["score"] == 0


def test_an_inquiry_of_a_customer_is_re_engagement() -> None:
    told = journey("""
        mon 09:00  form content
        tue 09:00  won
        mon2 09:00 form content
    """)
    assert told.way == "inquiry > customer (skipped)"


def test_accepted_soon_after_a_rejection_takes_it_back() -> None:
    told = journey("mon 09:00 created MQL \n tue 09:00 rejected \n thu 09:00 accepted")
    assert told.way == "mql > rejected > sal"


def test_accepted_long_after_a_rejection_is_a_new_cycle() -> None:
    told = journey("mon 09:00 created MQL \n tue 09:00 rejected \n mon6 09:00 accepted")
    assert told.way == "mql > rejected | sal"


def test_a_running_deal_is_neither_nurtured_nor_rejected_away() -> None:
    told = journey("mon 09:00 created MQL \n tue 09:00 deal \n wed 09:00 nurture \n thu 09:00 rejected duplicate")
    assert told.lead["stage"] == "opportunity"


def test_lost_only_with_the_last_open_deal() -> None:
    text = "mon 09:00 deal deal=A \n mon 10:00 deal deal=B \n tue 09:00 lost price deal=A"
    assert journey(text).lead["stage"] == "opportunity"
    assert journey(text + "\n wed 09:00 lost price deal=B").lead["stage"] == "lost"


def test_a_renewal_makes_no_opportunity_and_no_customer() -> None:
    told = journey("mon 09:00 deal deal_kind=renewal \n tue 09:00 won")
    assert told.way == ""
    (deal,) = told.table("deals").values()
    assert (deal["kind"], deal["status"]) == ("renewal", "won")


def test_only_a_change_of_status_is_a_transition() -> None:
    told = journey("""
        mon 09:00  created MQL
        mon 10:00  updated MQL
        mon 11:00  status Rejected
        mon 12:00  updated Rejected
        tue 12:00  status New
        wed 12:00  status Rejected
    """)
    assert told.way == "mql > rejected"


def test_a_snapshot_places_a_lead_but_opens_nothing() -> None:
    told = journey("mon 09:00 updated MQL owner_id=ann")
    assert told.way == "mql"
    assert told.table("obligations") == {}


def test_at_one_time_the_lower_stage_comes_first() -> None:
    told = journey("mon 09:00 won \n mon 09:00 accepted \n mon 09:00 created MQL")
    assert told.way == "mql > sal > customer (skipped)"


def test_a_reopened_deal_can_be_won() -> None:
    told = journey("mon 09:00 deal 'demo \n tue 09:00 lost price \n wed 09:00 step 'offer \n thu 09:00 won")
    assert told.way == "opportunity > lost > opportunity > customer"


def test_a_stage_called_closed_does_not_open_a_deal_again() -> None:
    told = journey("mon 09:00 deal 'demo \n tue 09:00 won \n tue 09:01 step 'closed_won")
    (deal,) = told.table("deals").values()
    assert (deal["status"], deal["closed_at"], told.lead["stage"]) == ("won", at("tue 09:00"), "customer")


def test_back_from_aside_the_higher_stages_are_ahead_again() -> None:
    told = journey("""
        mon 09:00  created MQL
        mon 10:00  accepted
        tue 10:00  converted 003A
        wed 10:00  rejected timing
        fri 10:00  accepted
        mon2 10:00 status Qualified
        tue2 10:00 form demo_request
    """)
    assert told.way == "mql > sal > sql > rejected > sal > sql > inquiry (regressed)"
    assert {row["cycle"] for row in told.table("stage_entries").values()} == {1}
    assert [row["met_at"] for row in told.owed("qualification_stall")] == [at("tue 10:00"), at("mon2 10:00")]
    assert [row["opened_at"] for row in told.owed("handoff")] == [at("tue 10:00"), at("mon2 10:00")]


def test_a_new_deal_after_the_last_one_was_lost_is_an_opportunity_whatever_came_between() -> None:
    told = journey("""
        mon 09:00  created MQL
        tue 09:00  converted 003A
        tue 10:00  deal deal=006A
        wed 10:00  lost deal=006A
        thu 10:00  updated SQL
        thu 11:00  status New
        fri 10:00  status SQL
        fri 11:00  deal deal=006B
    """)
    assert told.lead["stage"] == "opportunity"


def test_an_acceptance_takes_a_rejection_back_though_it_was_skipped_on_the_way() -> None:
    told = journey("""
        mon 09:00  created MQL
        tue 10:00  converted 003A
        wed 10:00  rejected timing
        fri 10:00  accepted
    """)
    assert told.way == "mql > sql (skipped) > rejected > sal"
    assert told.lead["stage"] == "sal"
