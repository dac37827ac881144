"""Fair to both sides: nobody makes their own number better without doing the work.

Of every kind there is a journey in which the work was not done. Whatever is tried instead of it, before it was due or
after, it stays a miss: leaking, lost or (done too late) recovered; never met, voided or gone. By design what is junk, a
duplicate, deleted or opted out before it was due is voided, and what is noted within a day counts as dated.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from streams.journey.obligations import state_at
from streams.model import DAY, HOUR, LeadEvent
from tests.journey.dsl import DEFINITION, LEAD, Told, at, events_of, journey
from tests.journey.test_properties import _WHAT, JOURNEYS, MAKER

MISSED = ("leaking", "lost", "recovered")
MUCH_LATER = "2027-06-01 10:00"


@dataclass(frozen=True)
class Case:
    """`undone`: the work is not done in it. `before`, `after`: times before and more than a day after it is due.

    `instead`: what may be tried before it is due, a journey's lines each.
    """

    undone: str
    before: str
    after: str
    instead: tuple[str, ...]


MQL = "mon 10:00 created MQL owner_id=ann \n"
DEAL = "mon 09:00 created owner_id=ann \n mon 10:00 deal 'demo \n"
CASES = {
    "capture_gap": Case(
        "mon 10:00 form content",
        "mon 10:05",
        "wed 10:00",
        (
            "mon 10:05 form content",
            "mon 08:00 created \n mon 09:00 deleted 00Q1",
            "mon 00:00 call day logged=tue/10:00",  # proves a record, but from when it was logged
            "mon 10:05 call logged=wed/12:00",
        ),
    ),
    "unnurtured": Case(
        "mon 10:00 form event",
        "tue 10:00",
        "thu2 10:00",
        (
            "tue 10:00 form event campaign=again",
            "tue 10:00 email sent",
            "tue 10:00 created created_how=manual owner_id=ann",
            "tue 10:00 status New",
            "tue 10:00 call direction=inbound logged=thu2/10:00",  # would make it an MQL of last week
            "tue 00:00 call direction=inbound day logged=thu2/10:00",
        ),
    ),
    "unqualified_handover": Case(
        "mon 09:00 form event \n mon 09:01 created \n mon 10:00 assigned ann",
        "mon 09:30",
        "wed 12:00",
        (
            "mon 10:05 queued pool \n mon 11:00 assigned ann",
            "mon 10:05 assigned ben",
            "mon 09:30 queued pool",
            "mon 09:30 form content campaign=x \n mon 09:31 form newsletter",
            "mon 09:30 call direction=inbound logged=wed/10:00",  # would make it ready when it was handed over
            "mon 00:00 call direction=inbound day logged=wed/10:00",
            "mon 10:00 rejected x reason_class=fit",
            "mon 10:05 rejected x reason_class=junk",
        ),
    ),
    "unrouted": Case(
        "mon 10:00 created MQL",
        "mon 10:01",
        "wed 10:00",
        (
            "mon 10:01 queued pool",
            "mon 10:01 assigned bot owner_kind=integration",
            "mon 10:01 rejected x reason_class=fit",
            "mon 10:01 recycled",
            "mon 10:01 nurture",
        ),
    ),
    "untouched": Case(
        MQL,
        "mon 12:00",
        "thu 10:00",
        (
            "mon 12:00 rejected x reason_class=timing",
            "mon 12:00 status Rejected",
            "mon 12:00 recycled",
            "mon 12:00 nurture",
            "mon 12:00 assigned ben",
            "mon 12:00 queued pool \n mon 13:00 assigned ann",
            "mon 12:00 queued pool",
            "mon 12:00 mail bounced",
            "mon 12:00 mail sequence=s",
            "mon 12:00 mail human=false",
            "mon 12:00 call role=marketing",
            "mon 12:00 call direction=inbound",
            "mon 12:00 email sent",
            "mon 12:00 call logged=thu/10:00",
            "mon 09:00 call logged=thu/10:00",  # as if it had been touched before it was owed
            "mon 00:00 call day logged=wed/10:00",
            "mon 12:00 updated region=US company_size=5000",
            "mon 12:00 deal 'renewal deal_kind=renewal",
        ),
    ),
    "undecided": Case(
        MQL,
        "mon 12:00",
        "fri 12:00",
        (
            "mon 12:00 nurture",
            "mon 12:00 recycled",
            "mon 12:00 assigned ben",
            "mon 12:00 queued pool \n mon 13:00 assigned ann",
            "mon 12:00 call connected",
            "mon 12:00 status New",
            "mon 12:00 status MQL",
            "mon 12:00 updated region=US",
        ),
    ),
    "under_attempted": Case(
        MQL + "mon 11:00 call no_answer \n tue 09:00 rejected x reason_class=no_response",
        "mon 12:00",
        "thu 12:00",
        (
            "mon 12:00 mail sequence=a \n" * 6,
            "mon 12:00 call logged=wed/13:00 \n" * 6,
            "mon 00:00 call day logged=wed/13:00 \n" * 6,
            "mon 12:00 call connected logged=wed/13:00",
            "mon 00:00 call connected day logged=wed/13:00",
            "mon 12:00 call wrong_number logged=wed/13:00",
            "mon 12:00 queued pool",  # nobody's when it is given up
            "mon 12:00 assigned ben",
            "tue 09:05 accepted \n tue 09:10 rejected again",
            "tue 09:05 recycled",
        ),
    ),
    "rejected_without_reason": Case(
        MQL + "tue 09:00 rejected",
        "tue 09:05",
        "thu 10:00",
        (
            "tue 09:05 updated reason=other",
            "tue 09:05 updated reason=- reason_class=unknown",
            "tue 09:05 assigned ben",
            "tue 09:05 recycled",
            "tue 09:05 nurture",
            "tue 09:05 rejected other",
        ),
    ),
    "not_recycled": Case(
        MQL + "tue 09:00 rejected x reason_class=timing",
        "tue 10:00",
        "fri 10:00",
        (
            "tue 10:00 updated reason_class=fit",
            "tue 10:00 rejected x reason_class=fit",
            "tue 10:00 email sent",
            "tue 10:00 queued pool",
            "tue 10:00 mail direction=inbound logged=fri/10:00",  # would have come back
        ),
    ),
    "nurture_lapsed": Case(
        "mon 09:00 form content \n mon 10:00 nurture",
        "mon3 10:00",
        "2026-06-10 10:00",
        (
            "mon3 10:00 nurture another \n mon5 10:00 nurture third",
            "mon3 10:00 recycled",
            "mon3 10:00 status Nurture",
            "mon3 10:00 email bounced",
            "mon3 10:00 email opened",
            "mon3 10:00 mail bounced",
            "mon3 10:00 call logged=2026-06-10/10:00",
            "mon3 10:00 call direction=inbound logged=2026-06-10/10:00",  # would have left it
        ),
    ),
    "qualification_stall": Case(
        "fri 09:00 created owner_id=ann \n fri 10:00 accepted",
        "fri 12:00",
        "mon3 10:00",
        (
            "fri 12:00 accepted",
            "fri 12:00 status Accepted",
            "fri 12:00 recycled",
            "fri 12:00 nurture",
            "fri 12:00 assigned ben",
            "fri 12:00 queued pool \n fri 13:00 assigned ann",
            "fri 12:00 call connected",
        ),
    ),
    "handoff": Case(
        "fri 09:00 created owner_id=ann \n fri 10:00 converted 003A",
        "fri 12:00",
        "wed2 10:00",
        (
            "fri 12:00 deal 'demo deal_kind=renewal",
            "fri 12:00 deal 'closed_lost",
            "fri 12:00 recycled",
            "fri 12:00 rejected x reason_class=fit",
            "fri 12:00 status SQL",
            "fri 12:00 assigned ben",
        ),
    ),
    "stalled_deal": Case(
        DEAL,
        "mon2 10:00",
        "thu4 10:00",
        (
            "mon2 10:00 step 'demo",
            "mon2 10:00 step 'demo amount=99",
            "mon2 10:00 call connected",
            "mon2 10:00 updated company_size=5000",
            "mon2 10:00 deal 'demo deal=B",
            "mon2 10:00 assigned ben",
            "mon2 10:00 queued pool",
            "mon2 10:00 step 'demo owner_id=ben",
        ),
    ),
    "silent_deal": Case(
        DEAL,
        "mon2 10:00",
        "thu3 10:00",
        (
            "mon2 10:00 call no_answer",
            "mon2 10:00 mail",
            "mon2 10:00 mail bounced direction=inbound",
            "mon2 10:00 call no_show direction=two_way",
            "mon2 10:00 step 'offer",
            "mon2 10:00 deal 'demo deal=B \n tue2 10:00 lost x deal=B",
            "mon2 10:00 step 'demo deal_kind=renewal",
            "mon2 10:00 mail direction=inbound logged=thu3/10:00",
            "mon2 10:00 assigned ben",
        ),
    ),
    "aged": Case(
        "mon 09:00 created owner_id=ann",
        "mon3 10:00",
        "2026-06-10 10:00",
        (
            "mon3 10:00 assigned ben \n mon5 10:00 assigned ann",
            "mon3 10:00 mail sequence=s",
            "mon3 10:00 call human=false",
            "mon3 10:00 updated company_size=10",
            "mon3 10:00 email sent",
            "mon3 10:00 call logged=2026-06-10/10:00",
            "mon3 10:00 form content",
            "mon3 10:00 status MQL",
        ),
    ),
}
# Of either side, once it is due, at {after}; dated {before} it was due, but logged after.
AFTERWARDS = """
    {after} rejected x reason_class=timing
    {after} rejected spam reason_class=junk
    {after} rejected twin reason_class=duplicate
    {after} status Rejected
    {after} updated reason_class=junk
    {after} updated opted_out=true
    {after} recycled
    {after} nurture
    {after} nurture | {after} nurture again
    {after} rejected x reason_class=fit | {after} accepted | {after} rejected y
    {after} accepted
    {after} status SAL
    {after} status SQL
    {after} converted 003A
    {after} assigned ben
    {after} queued pool
    {after} queued pool | {after} assigned ann
    {after} deleted 00Q1
    {after} deleted 00Q1 | {after} created owner_id=ann
    {after} merged 00Q2
    {after} unmerged 00Q2
    {after} created created_how=manual owner_id=ann
    {after} deal 'new
    {after} step 'offer
    {after} step 'demo deal_kind=renewal
    {after} lost x reason_class=timing
    {after} lost x | {after} step 'again
    {after} won 10
    {after} won 10 deal_kind=expansion
    {after} deleted 006A record_kind=opportunity
    {after} form demo_request
    {after} form imported_list
    {after} email sent
    {after} email bounced
    {after} call
    {after} call connected
    {after} call wrong_number
    {after} mail bounced
    {after} mail direction=inbound
    {after} updated region=US company_size=5000 owner_id=ben
    {before} call logged={after}
    {before} call connected logged={after}
    {before} call wrong_number logged={after}
    {before} mail bounced logged={after}
    {before} mail direction=inbound logged={after}
    {before} call direction=inbound owner_id=ben logged={after}
    {before} call day logged={after}
    {before} call connected day logged={after}
    {before} mail direction=inbound day logged={after}
""".strip().splitlines()


def misses(case: Case, kind: str) -> set[str]:
    """The causes of what is not done in the case; the case is one only if there are some."""
    undone = {row[1] for row in journey(case.undone).table("obligations") if row[0] == kind}
    assert undone
    return undone


def outcome(told: Told, kind: str, cause: str, time: str) -> str:
    row = told.table("obligations").get((kind, cause))
    return "gone" if row is None else str(state_at(row, at(time)))


@pytest.mark.parametrize("kind", DEFINITION.obligations)
def test_what_is_not_done_leaks(kind: str) -> None:
    case = CASES[kind]
    for cause in misses(case, kind):
        assert outcome(journey(case.undone), kind, cause, case.after) == "leaking"


def _lines(case: Case, tried: str) -> str:
    times = {"before": case.before, "after": case.after}
    return "\n".join(
        line.format(**times).replace(f"logged={case.after}", "logged=" + case.after.replace(" ", "/"))
        for line in tried.split("|")
    )


@pytest.mark.parametrize("tried", [line.strip() for line in AFTERWARDS])
@pytest.mark.parametrize("kind", DEFINITION.obligations)
def test_nothing_that_is_done_afterwards_unmakes_a_miss(kind: str, tried: str) -> None:
    case = CASES[kind]
    told = journey(f"{case.undone} \n {_lines(case, tried)}")
    for cause in misses(case, kind):
        for time in (case.after, MUCH_LATER):
            assert outcome(told, kind, cause, time) in MISSED, time


@pytest.mark.parametrize(("kind", "tried"), [(kind, tried) for kind, case in CASES.items() for tried in case.instead])
def test_what_is_done_instead_of_the_work_does_not_help(kind: str, tried: str) -> None:
    case = CASES[kind]
    told = journey(f"{case.undone} \n {tried}")
    for cause in misses(case, kind):
        assert outcome(told, kind, cause, MUCH_LATER) in MISSED


def test_the_same_lead_sent_again_is_delivered_once() -> None:
    again = "\n".join(f"{day} 10:00 form demo_request \n {day} 11:00 status MQL" for day in ("tue", "wed", "thu"))
    told = journey(f"{MQL} {again}")
    assert [stage for _, stage in told.table("stage_entries")].count("mql") == 1


def test_who_is_rejected_and_then_recycled_is_given_up_once() -> None:
    """Else marketing's recycling, which is owed, would cost sales a second miss."""
    told = journey(MQL + "tue 09:00 rejected x reason_class=timing \n tue 10:00 recycled")
    assert len(told.owed("under_attempted")) == 1


def test_a_lead_that_sales_never_had_was_not_given_up_by_sales() -> None:
    unowned = "mon 09:00 form content \n mon 09:01 created \n tue 09:00 rejected x reason_class=fit \n"
    assert journey(unowned).owed("under_attempted") == []
    assert journey(unowned + "wed 09:00 assigned ann").owed("under_attempted") == []


def test_a_customer_needs_no_saving() -> None:
    told = journey(MQL + "tue 09:00 rejected x reason_class=timing \n fri2 09:00 deal \n mon3 09:00 won 10")
    assert {told.state(kind, "mon4 10:00") for kind in ("not_recycled", "under_attempted")} == {"lost"}


def test_a_deal_that_is_deleted_or_never_was_new_business_in_time_is_no_miss() -> None:
    for gone in ("deleted 006A record_kind=opportunity", "step 'demo deal_kind=renewal"):
        told = journey(f"{DEAL} mon2 10:00 {gone}")
        assert told.state("stalled_deal", MUCH_LATER) == "voided"


def test_a_rejection_that_is_taken_back_ages_again() -> None:
    told = journey(MQL + "tue 09:00 rejected x \n wed 09:00 accepted")
    assert [row["end_kind"] for row in told.owed("aged")] == ["voided", ""]


@settings(deadline=None)
@given(JOURNEYS, st.data())
def test_no_event_after_due_excuses_a_miss(events: list[LeadEvent], data: st.DataObject) -> None:
    """Whatever it is and whoever writes it: what counts after due makes no miss met, voided or gone."""
    owed = {key: row for key, row in MAKER.rows(LEAD, events, {}).items() if key[0] == "obligations"}
    assume(owed)
    key = data.draw(st.sampled_from(sorted(owed)))
    later = owed[key]["due_at"] + data.draw(st.integers(1, 40 * DAY))
    assume(state_at(owed[key], later) in MISSED)
    (extra,) = events_of(f"mon 10:00 {data.draw(st.sampled_from(_WHAT)).strip()}")
    dated = later
    if extra.type == "activity_logged":
        dated -= data.draw(st.sampled_from([0, 25 * HOUR, 9 * DAY, 90 * DAY]))
    extra = extra._replace(key="extra", occurred_at=dated, recorded_at=later)
    now = MAKER.rows(LEAD, [*events, extra], {})
    assert key in now
    for time in (later, later + DAY, at(MUCH_LATER)):
        assert state_at(now[key], time) in MISSED
