"""Kinds that count what was done in a cycle, that are due at once, or that open anew each time they are met."""

from __future__ import annotations

import pytest

from tests.journey.dsl import DEFINITION, Told, at, journey, shown

READY = "mon 09:00 form demo_request \n mon 09:01 created MQL \n"
GIVEN = READY + "mon 09:05 assigned ann \n"


def chain(told: Told, kind: str) -> list[str]:
    """'opened → due' of each, and how it ended."""
    found = []
    for row in told.owed(kind):
        end = "met " + shown(row["met_at"]) if row["met_at"] is not None else row["end_kind"]
        found.append(
            f"{shown(row['opened_at'])}: {end or 'open'}"
            + (f" ({row['void_reason']})" if end and row["void_reason"] else "")
        )
    return found


def test_a_lead_that_is_ready_is_handed_over_well() -> None:
    assert journey(GIVEN).times("unqualified_handover") == "mon 09:05 → mon 09:05, met mon 09:05"


def test_a_lead_handed_over_too_early_leaks_at_once_and_until_it_is_ready() -> None:
    text = "mon 09:00 form content \n mon 09:05 created owner_id=ann \n"
    assert journey(text).state("unqualified_handover", "mon 09:05") == "leaking"
    assert journey(text + "tue 09:00 form demo_request").state("unqualified_handover", "tue 09:00") == "recovered"
    taken = journey(text + "tue 09:00 accepted")
    assert taken.times("unqualified_handover") == "mon 09:05 → mon 09:05, met tue 09:00 (taken all the same)"
    assert journey(text + "tue 09:00 rejected").state("unqualified_handover", "tue 09:00") == "lost"


@pytest.mark.parametrize(
    "line",
    [
        "mon 09:00 created created_how=manual owner_id=ann",  # wrote the lead down herself
        "mon 09:00 created owner_id=ann created_by=ann",
        "mon 09:00 created \n mon 10:00 assigned ann changed_by=ann",  # helped herself
        "mon 09:00 updated owner_id=ann",  # a snapshot: nobody knows since when
    ],
)
def test_who_takes_a_lead_was_given_nothing(line: str) -> None:
    assert journey(line).owed("unqualified_handover") == []


def test_a_lead_is_handed_over_once_a_cycle() -> None:
    told = journey(GIVEN + "mon 10:00 assigned ben \n mon 11:00 queued pool \n mon 12:00 assigned cem")
    assert len(told.owed("unqualified_handover")) == 1
    again = journey(
        GIVEN + "tue 09:00 recycled \n tue 10:00 queued pool \n fri 09:00 form contact \n fri 09:05 assigned ben"
    )
    assert [row["cycle"] for row in again.owed("unqualified_handover")] == [1, 2]


def test_what_is_handed_over_before_the_first_round_is_handed_over_in_it() -> None:
    told = journey(
        "mon 09:00 created owner_id=ann \n mon 10:00 queued pool \n mon 11:00 form content \n mon 12:00 assigned ben"
    )
    assert len(told.owed("unqualified_handover")) == 1
    assert [row["handover"] for row in told.table("assignments").values()] == [1, 0]


TRIES = "".join(f"tue {hour}:00 call no_answer \n" for hour in range(10, 16))


def test_a_lead_given_up_after_few_tries() -> None:
    few = journey(GIVEN + "tue 10:00 call no_answer \n wed 09:00 rejected no_answer")
    assert few.times("under_attempted") == "wed 09:00 → wed 09:00"
    assert few.state("under_attempted", "wed 09:00") == "leaking"
    assert journey(GIVEN + TRIES + "wed 09:00 rejected x").state("under_attempted", "wed 09:00") == "met"
    late = journey(GIVEN + TRIES.replace("tue 15", "thu 15") + "wed 09:00 rejected x")
    assert late.times("under_attempted") == "wed 09:00 → wed 09:00, met thu 15:00"


@pytest.mark.parametrize(
    "lines",
    [
        "tue 10:00 call connected \n wed 09:00 rejected x",
        "tue 10:00 mail direction=inbound \n wed 09:00 rejected x",
        "wed 09:00 nurture",  # a programme took it, nobody gave it up
    ],
)
def test_a_lead_that_was_spoken_to_or_not_given_up_owes_no_tries(lines: str) -> None:
    assert journey(GIVEN + lines).owed("under_attempted") == []


def test_an_address_that_does_not_exist_is_tried_no_more() -> None:
    told = journey(GIVEN + "tue 10:00 mail bounced \n wed 09:00 rejected x")
    assert told.times("under_attempted") == "wed 09:00 → wed 09:00, voided wed 09:00 (invalid address)"


def test_tries_of_an_earlier_round_do_not_count() -> None:
    again = GIVEN + TRIES + "wed 09:00 rejected x \n wed2 09:00 form contact \n thu2 09:00 rejected x"
    assert [row["met_at"] is not None for row in journey(again).owed("under_attempted")] == [True, False]


def test_nurture_lapses_90_days_after_each_touch() -> None:
    told = journey("""
        mon 09:00   created
        mon 10:00   nurture
        mon3 10:00  email sent
        mon4 10:00  email clicked
        mon5 10:00  email sent
        mon6 10:00  form content
        mon7 10:00  email sent
    """)
    assert chain(told, "nurture_lapsed") == [
        "mon 10:00: met mon3 10:00",
        "mon3 10:00: met mon5 10:00",
        "mon5 10:00: voided (left nurture)",
    ]
    assert all(row["rolling"] for row in told.owed("nurture_lapsed"))
    first = told.owed("nurture_lapsed")[0]
    assert shown(first["due_at"]) == "2026-05-31 11:00", "90 days of 24 hours, across the change of clocks"


DEAL = "mon 09:00 created owner_id=ann created_how=manual \n mon 10:00 deal 'demo \n"


def test_a_deal_is_silent_two_weeks_after_the_customer_said_something() -> None:
    told = journey(
        DEAL
        + """
        tue 10:00 call connected
        wed 10:00 mail direction=inbound
        tue2 10:00 call direction=two_way
        wed2 10:00 won 10
        """
    )
    assert chain(told, "silent_deal") == [
        "mon 10:00: met wed 10:00",
        "wed 10:00: met tue2 10:00",
        "tue2 10:00: voided (deal closed)",
    ]


def test_a_silent_deal_that_is_lost_was_leaking_all_the_same() -> None:
    told = journey(DEAL + "wed3 10:00 lost price")
    assert told.times("silent_deal") == "mon 10:00 → mon3 10:00, lost wed3 10:00 (deal closed)"


def test_one_silence_at_a_time_while_any_deal_is_open() -> None:
    told = journey(
        DEAL
        + """
        tue 10:00 deal 'demo deal=B
        wed 10:00 lost x
        thu 10:00 mail direction=inbound
        fri 10:00 lost x deal=B
        """
    )
    assert chain(told, "silent_deal") == ["mon 10:00: met thu 10:00", "thu 10:00: voided (deal closed)"]


def test_an_owned_lead_ages_from_each_activity() -> None:
    told = journey(
        GIVEN
        + """
        tue 10:00 call no_answer
        tue 11:00 assigned ben
        wed 10:00 mail direction=inbound
        thu 10:00 queued pool
        fri 10:00 assigned cem
        """
    )
    assert chain(told, "aged") == [
        "mon 09:05: met tue 10:00",
        "tue 10:00: met wed 10:00",
        "wed 10:00: voided (put back)",
        "fri 10:00: open",
    ]
    assert [row["owner"] for row in told.owed("aged")] == ["ann", "ben", "ben", "cem"]


def test_what_comes_at_one_time_is_met_in_order_and_ends() -> None:
    told = journey(GIVEN + "tue 10:00 call no_answer \n tue 10:00 call no_answer \n tue 10:00 call no_answer")
    assert chain(told, "aged") == ["mon 09:05: met tue 10:00"] + ["tue 10:00: met tue 10:00"] * 2 + ["tue 10:00: open"]


def test_a_void_excuses_only_what_is_not_yet_due() -> None:
    assert journey(GIVEN + "mon 09:20 rejected x reason_class=junk").state("untouched", "tue 09:00") == "voided"
    told = journey(GIVEN + "mon 12:00 rejected x reason_class=junk")
    assert told.times("untouched") == "mon 09:05 → mon 09:35, lost mon 12:00 (junk)"


def test_an_assignment_knows_what_was_known_then_and_what_was_done() -> None:
    told = journey("""
        mon 08:00  visit pricing_pages=1 utm_medium=cpc
        mon 09:00  form content
        mon 09:05  created owner_id=ann
        tue 09:00  form demo_request
        tue 10:00  assigned ben
        wed 10:00  call no_answer
        wed 11:00  accepted
        wed 12:00  assigned cem changed_by=ben
    """)
    first, second, third = sorted(told.table("assignments").values(), key=lambda row: int(row["assigned_at"]))
    assert (first["owner"], first["how"], first["handover"], first["ready"]) == ("ann", "given", 1, 0)
    assert (first["until"], first["touched_at"], first["decided"]) == (at("tue 10:00"), None, "")
    assert (second["owner"], second["before"], second["how"], second["handover"]) == ("ben", "ann", "passed_on", 0)
    assert (second["ready"], second["hot"]) == (1, 1)
    assert (second["cycle_began_at"], second["inbound_at"]) == (at("mon 09:00"), at("tue 09:00"))
    assert (second["touched_at"], second["office_s"], second["day_due_at"]) == (
        at("wed 10:00"), 8 * 3600.0, at("wed 10:00"),
    )  # fmt: skip
    assert (second["decided"], second["decided_at"]) == ("sal", at("wed 11:00"))
    assert (third["touched_at"], third["decided"]) == (None, "")


def test_the_owners_own_hours_count() -> None:
    definition = DEFINITION.model_copy(update={"owner_calendars": {"ann": "us_east"}})
    told = journey(GIVEN, definition)
    assert told.times("untouched") == "mon 09:05 → mon 15:30", (
        "hot: half an hour after New York opens, in Berlin's time"
    )
