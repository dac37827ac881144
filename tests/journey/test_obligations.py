from __future__ import annotations

import pytest

from streams.journey.explain import explain
from streams.journey.obligations import state_at
from tests.journey.dsl import DEFINITION, at, journey

MQL = "mon 10:00 created MQL owner_id=ann \n"


def test_capture_gap_is_met_at_once_by_a_record_that_is_there() -> None:
    assert journey("mon 09:00 created \n mon 10:00 form content").times("capture_gap") == (
        "mon 10:00 → mon 10:15, met mon 10:00"
    )


def test_capture_gap_is_met_by_the_record_when_it_comes() -> None:
    told = journey("mon 10:00 form content \n mon 10:20 created")
    assert told.times("capture_gap") == "mon 10:00 → mon 10:15, met mon 10:20"
    assert told.state("capture_gap", "mon 10:21") == "recovered"
    assert told.obligation("capture_gap")["owed_by"] == "data"


def test_capture_gap_is_not_met_by_what_is_dated_before_the_record_was_made() -> None:
    late = "mon 10:00 form content \n mon 11:00 created"
    for call in ("mon 00:00 call day logged=mon/15:00", "mon 09:50 call logged=mon/11:05"):
        assert journey(f"{call} \n {late}").times("capture_gap") == "mon 10:00 → mon 10:15, met mon 11:00"


def test_capture_gap_a_deleted_record_is_none() -> None:
    told = journey("mon 08:00 created \n mon 09:00 deleted 00Q1 \n mon 10:00 form content")
    assert told.state("capture_gap", "mon 10:30") == "leaking"


def test_capture_gap_of_every_form() -> None:
    assert len(journey("mon 10:00 form content \n tue 10:00 form event").owed("capture_gap")) == 2


def test_an_imported_list_has_no_capture_gap() -> None:
    assert journey("mon 10:00 form imported_list").owed("capture_gap") == []


def test_unrouted_is_not_met_by_a_queue() -> None:
    told = journey("mon 10:00 created MQL \n mon 10:01 queued inbound \n mon 10:30 assigned ann")
    assert told.times("unrouted") == "mon 10:00 → mon 10:05, met mon 10:30"
    assert told.obligation("unrouted")["owner"] == ""


def test_untouched_opens_only_once_a_person_owns_the_lead() -> None:
    assert journey("mon 10:00 created MQL").owed("untouched") == []
    told = journey("mon 10:00 created MQL \n mon 12:00 assigned ann")
    assert told.times("untouched") == "mon 12:00 → tue 12:00"


def test_untouched_of_a_hot_lead_is_due_in_30_business_minutes() -> None:
    told = journey("fri 16:45 form demo_request \n fri 16:45 assigned ann")
    assert told.times("untouched") == "fri 16:45 → mon2 09:15"


@pytest.mark.parametrize(
    ("touch", "met"),
    [
        ("tue 09:00 call", "met tue 09:00"),
        ("tue 09:00 call no_answer", "met tue 09:00"),
        ("tue 09:00 mail direction=two_way", "met tue 09:00"),
        ("tue 09:00 mail bounced", ""),  # reached nobody
        ("tue 09:00 mail human=false", ""),  # a machine's
        ("tue 09:00 mail sequence=s1", ""),
        ("tue 09:00 call role=service", ""),
        ("tue 09:00 call direction=inbound", ""),
        ("tue 09:00 accepted", "met tue 09:00 (nothing logged)"),
        ("tue 09:00 status SQL", "met tue 09:00 (nothing logged)"),
        ("mon 11:00 call logged=tue/10:59", "met mon 11:00"),
        ("mon 11:00 call logged=wed/12:00", "met wed 12:00"),  # more than 24 hours late
        ("mon 11:00 call day logged=mon/18:00", "met mon 18:00"),  # known by day
        ("tue 09:00 rejected timing", "lost tue 09:00"),
        ("tue 09:00 recycled timing", "lost tue 09:00"),
        ("tue 09:00 rejected spam reason_class=junk", "voided tue 09:00 (junk)"),
        ("tue 09:00 deleted 00Q1", "voided tue 09:00 (deleted)"),
        ("tue 09:00 updated opted_out=true", "voided tue 09:00 (opted_out)"),
    ],
)
def test_untouched_is_met_and_ended_by(touch: str, met: str) -> None:
    told = journey(MQL + touch)
    assert told.times("untouched") == "mon 10:00 → tue 10:00" + (f", {met}" if met else "")


def test_untouched_not_owed_for_a_lead_that_was_touched_in_this_cycle() -> None:
    assert journey("mon 09:00 call \n" + MQL).owed("untouched") == []


def test_untouched_owed_again_in_the_next_cycle() -> None:
    told = journey(MQL + "mon 11:00 call \n tue 09:00 rejected timing \n wed 09:00 form demo_request")
    first, second = told.owed("untouched")
    assert (first["cycle"], second["cycle"]) == (1, 2)
    assert second["met_at"] is None


def test_a_lead_that_leaves_before_anybody_owns_it_owes_no_call() -> None:
    assert journey("mon 10:00 created MQL \n mon 11:00 rejected \n mon 12:00 assigned ann").owed("untouched") == []


def test_reassignment_restarts_nothing_and_the_miss_is_the_owners_at_due() -> None:
    told = journey(MQL + "tue 09:00 assigned ben \n wed 09:00 assigned cleo \n wed 12:00 call")
    assert told.times("untouched") == "mon 10:00 → tue 10:00, met wed 12:00"
    assert told.obligation("untouched")["owner"] == "ben"


def test_met_in_the_very_moment_that_it_is_due_is_met() -> None:
    told = journey(MQL + "tue 10:00 call \n tue 10:00 rejected")
    assert told.state("untouched", "tue 10:00") == "met"  # and a tie with its end, too
    assert journey(MQL + "tue 10:00:01 call").state("untouched", "wed 10:00") == "recovered"


def test_who_owns_the_lead_in_the_moment_that_it_is_met_met_it() -> None:
    assert journey(MQL + "mon 10:00 accepted").obligation("untouched")["owner"] == "ann"


def test_undecided_warns_after_one_of_two_business_days() -> None:
    told = journey(MQL)
    states = [
        told.state("undecided", time) for time in ("mon 09:59", "mon 10:00", "tue 10:00", "wed 09:59", "wed 10:00")
    ]
    assert states == [None, "open", "warned", "warned", "leaking"]


def test_undecided_is_met_by_a_rejection_too() -> None:
    assert journey(MQL + "tue 09:00 rejected timing").times("undecided") == "mon 10:00 → wed 10:00, met tue 09:00"


def test_a_rejection_in_the_same_moment_as_its_void_is_met() -> None:
    assert journey(MQL + "tue 09:00 rejected x reason_class=junk").state("undecided", "tue 09:00") == "met"


def test_rejected_without_reason() -> None:
    assert journey(MQL + "tue 09:00 rejected no_budget").state("rejected_without_reason", "tue 09:00") == "met"
    assert journey(MQL + "tue 09:00 rejected other").state("rejected_without_reason", "tue 09:15") == "leaking"
    told = journey(MQL + "tue 09:00 rejected \n tue 09:10 updated reason=timing")
    assert told.times("rejected_without_reason") == "tue 09:00 → tue 09:15, met tue 09:10"
    for back in ("accepted", "status Accepted"):
        told = journey(MQL + f"tue 09:00 rejected \n wed 09:10 {back}")
        assert told.times("rejected_without_reason") == "tue 09:00 → tue 09:15, lost wed 09:10 (taken back)"


def test_not_recycled_opens_when_the_recyclable_reason_is_known() -> None:
    assert journey(MQL + "tue 09:00 rejected x reason_class=fit").owed("not_recycled") == []
    told = journey(MQL + "tue 09:00 rejected \n tue 11:00 updated reason_class=timing \n wed 12:00 nurture")
    assert told.times("not_recycled") == "tue 11:00 → wed 11:00, met wed 12:00"


def test_unnurtured_qualification_stall_and_handoff() -> None:
    assert journey("mon 10:00 form content").times("unnurtured") == "mon 10:00 → mon2 10:00"
    assert journey("fri 10:00 accepted").times("qualification_stall") == "fri 10:00 → wed2 10:00"
    told = journey("fri 10:00 converted 003A \n fri 12:00 deal")
    assert told.times("handoff") == "fri 10:00 → mon2 10:00, met fri 12:00"


def test_stalled_deal_counts_each_stage_of_each_deal_on_its_own() -> None:
    told = journey("""
        mon 10:00  deal 'demo deal=A company_size=10
        mon 11:00  deal 'demo deal=B
        wed 10:00  step 'offer deal=A
        wed 11:00  step 'offer deal=A   # the same again is no step
        thu 10:00  lost price deal=A
    """)
    first, second, third = told.owed("stalled_deal")
    assert (first["met_at"], second["met_at"], third["met_at"]) == (at("wed 10:00"), None, at("thu 10:00"))
    assert first["met_by"] == "3"


def test_a_stalled_deal_is_its_own_owners_at_due() -> None:
    told = journey("""
        mon 08:00  assigned ann
        mon 10:00  deal 'demo deal=A owner_id=bob company_size=10
        mon 11:00  deal 'demo deal=B
        wed 10:00  step 'offer deal=A owner_id=cid
        wed 11:00  won 100 deal=A owner_id=dan
    """)
    owners = [each["owner"] for each in told.owed("stalled_deal")]
    assert owners == ["cid", "ann", "dan"]  # at the moment that it was met; B has no owner of its own


def test_stalled_deal_is_due_by_company_size() -> None:
    small = journey("mon 09:00 form content company_size=10 \n mon 10:00 deal 'demo")
    large = journey("mon 09:00 form content company_size=5000 \n mon 10:00 deal 'demo")
    assert small.times("stalled_deal").endswith("→ mon2 10:00")
    assert large.obligation("stalled_deal")["due_at"] == at("mon 10:00") + 45 * 86_400_000_000


def test_office_hours_are_those_of_the_region() -> None:
    told = journey("mon 09:00 form content country=US \n" + MQL)  # 10:00 in Berlin is 4:00 in New York
    assert told.times("untouched") == "mon 10:00 → mon 23:00"


def test_every_kind_of_the_definition_can_open() -> None:
    told = journey("""
        mon 09:00  form demo_request
        mon 09:05  created MQL owner_id=ann
        mon 10:00  accepted
        mon 11:00  converted 003A
        mon 12:00  deal 'demo
        tue 12:00  lost x reason_class=timing
        wed 09:00  form content
        wed 10:00  rejected
        thu 10:00  nurture
    """)
    assert {kind for kind, _ in told.table("obligations")} == set(DEFINITION.obligations)


def test_explain_says_why() -> None:
    text = MQL + "wed 12:00 call"
    row = journey(text).obligation("untouched")
    assert explain(row, at("mon 10:01")) == (
        "untouched: owed by sales (ann) since 2026-03-02 09:00:00 UTC, due 2026-03-03 09:00:00 UTC: "
        "open, 23 hours left."
    )
    for time in ("mon 09:00", "mon 10:01", "tue 09:30", "tue 10:00", "wed 12:00"):
        state = state_at(row, at(time))
        word = {None: "not owed yet", "warned": "about to leak"}.get(state, str(state))
        assert word in explain(row, at(time))
    assert "lost, the lead was given up" in explain(
        journey(MQL + "mon 11:00 rejected").obligation("untouched"), at("tue 09:00")
    )
    assert "void since" in explain(journey(MQL + "mon 11:00 deleted").obligation("untouched"), at("tue 09:00"))
