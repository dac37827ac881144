"""Leads' journeys as a marketer would tell them, and the rows that must come of them, worked out by hand.

Each journey goes the real way (sessionize, route, identify, resolve, journey), in order and shuffled, and its
obligations are asked for their state at several moments: of the core and of the view that the boards read.

How to read one. Days are of the week of Monday 2026-03-02 (`mon2` is a week later), or dates, in Berlin, where the
office is open 9 to 17. Stages: cycle, stage, since, until, next. Obligations: kind, opened, warned, due, then how it
ended (`met`, `lost`, `voided` and when, or `still open`), and whose miss it is. States: kind (with its number where
there are several), then moment=state.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sinks.client import Client
from sinks.live import promote
from sinks.writer import Batch, Writer
from streams.journey.obligations import state_at
from tests.support.clickhouse import LocalClickHouse
from tests.support.in_memory import TOPICS, Funnel

Rows = dict[tuple[Any, ...], dict[str, Any]]
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, tzinfo=BERLIN)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS = frozenset(
    {"capture_gap", "unrouted", "untouched", "undecided", "rejected_without_reason", "handoff", "stalled_deal"}
)
PERSON = "jo@customer.example"
LEAD = {"record_kind": "lead", "record_id": "00Q1"}
# word → topic, event type, field of a bare value, what goes without saying
WORDS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "visit": (
        "web",
        "page_view",
        "page_kind",
        {"anonymous_id": "d1", "session_id": "s1", "url": "https://we.example/"},
    ),
    "form": ("form", "form_submitted", "form_kind", {"email": PERSON}),
    "created": ("crm", "lead_created", "status", LEAD | {"email": PERSON}),
    "updated": ("crm", "lead_updated", "status", LEAD),
    "assigned": ("crm", "assigned", "owner_id", LEAD | {"owner_kind": "person"}),
    "accepted": ("crm", "accepted", "", LEAD),
    "rejected": ("crm", "rejected", "reason", LEAD),
    "nurture": ("crm", "nurture_entered", "campaign", LEAD),
    "converted": ("crm", "converted", "contact_id", LEAD),
    "call": (
        "crm",
        "activity_logged",
        "activity_outcome",
        LEAD
        | {"activity_kind": "call", "activity_direction": "outbound", "activity_human": True, "actor_role": "sales"},
    ),
    "deal": ("crm", "opportunity_created", "stage", {}),
    "step": ("crm", "opportunity_stage_changed", "stage", {}),
    "won": ("crm", "opportunity_won", "stage", {}),
    "lost": ("crm", "opportunity_lost", "stage", {}),
}
SCHEMAS = {"web": "events/web", "form": "events/form", "crm": "events/crm"}


@dataclass(frozen=True)
class Journey:
    title: str
    events: str
    stages: str
    owed: str
    states: str = ""


JOURNEYS = (
    Journey(
        """As it should be. A visitor comes on Monday, asks for a demo, the CRM has the record two minutes later, the
        queue gives it to Ann after four, she calls within her half hour, accepts on Tuesday, qualifies on Wednesday,
        makes a deal that day, moves it the next morning, and wins it a week later.""",
        """
        mon 09:50 visit pricing
        mon 10:00 form demo_request anonymous_id=d1 session_id=s1
        mon 10:02 created New owner_id=inbound owner_kind=queue
        mon 10:04 assigned ann
        mon 10:20 call connected actor_id=ann
        tue 11:00 accepted
        wed 10:00 converted 003C
        wed 15:00 deal Discovery deal=006A
        thu 10:00 step Proposal deal=006A
        thu2 12:00 won Won deal=006A amount=9000
        """,
        """
        1 visitor     | mon 09:50 | mon 10:00  | inquiry
        1 inquiry     | mon 10:00 | mon 10:00  | mql
        1 mql         | mon 10:00 | tue 11:00  | sal
        1 sal         | tue 11:00 | wed 10:00  | sql
        1 sql         | wed 10:00 | wed 15:00  | opportunity
        1 opportunity | wed 15:00 | thu2 12:00 | customer
        1 customer    | thu2 12:00 | -         | -
        """,
        # 30 minutes on the clock of the office, since she asked for a call; 2 business days, warned after one;
        # the deal has 21 days at each of its stages
        """
        capture_gap  | mon 10:00 | mon 10:11:15 | mon 10:15  | met mon 10:02
        unrouted     | mon 10:00 | mon 10:03:45 | mon 10:05  | met mon 10:04
        untouched    | mon 10:04 | mon 10:26:30 | mon 10:34  | met mon 10:20 | ann
        undecided    | mon 10:04 | tue 10:04    | wed 10:04  | met tue 11:00 | ann
        handoff      | wed 10:00 | wed 16:00    | thu 10:00  | met wed 15:00 | ann
        stalled_deal | wed 15:00 | fri3 09:00   | wed4 15:00 | met thu 10:00
        stalled_deal | thu 10:00 | sat3 04:00   | thu4 10:00 | met thu2 12:00
        """,
        """
        unrouted  | mon 09:59=- | mon 10:00=open | mon 10:03:45=warned | mon 10:04=met
        undecided | tue 10:03=open | tue 10:04=warned | tue 11:00=met
        """,
    ),
    Journey(
        """Friday, ten to five: a demo request, in Ann's hands a minute later. Nine minutes of her half hour pass on
        Friday, the other 21 on Monday morning; nobody owes a call on Saturday. She calls on Monday at half past nine,
        nine minutes late, and accepts on Wednesday, which is late, too.""",
        """
        fri 16:50 form demo_request
        fri 16:51 created New owner_id=ann owner_kind=person
        mon2 09:30 call left_message actor_id=ann
        wed2 09:00 accepted
        """,
        """
        1 inquiry | fri 16:50 | fri 16:50 | mql
        1 mql     | fri 16:50 | wed2 09:00 | sal
        1 sal     | wed2 09:00 | - | -
        """,
        """
        capture_gap | fri 16:50 | fri 17:01:15  | fri 17:05  | met fri 16:51
        unrouted    | fri 16:50 | fri 16:53:45  | fri 16:55  | met fri 16:51
        untouched   | fri 16:51 | mon2 09:13:30 | mon2 09:21 | met mon2 09:30 | ann
        undecided   | fri 16:51 | mon2 16:51    | tue2 16:51 | met wed2 09:00 | ann
        """,
        """
        untouched | fri 16:50=- | fri 16:51=open | sat 12:00=open | mon2 09:13=open | mon2 09:13:30=warned
        untouched | mon2 09:20:59=warned | mon2 09:21=leaking | mon2 09:29:59=leaking | mon2 09:30=recovered
        undecided | mon2 16:50=open | mon2 16:51=warned | tue2 16:51=leaking | wed2 09:00=recovered
        """,
    ),
    Journey(
        """Logged two days late. Ann says on Wednesday that she called on Monday at 10:20, within her half hour. What
        is logged more than 24 hours late counts when it was logged: else every leak could be talked away.""",
        """
        mon 10:00 form demo_request
        mon 10:01 created New owner_id=ann owner_kind=person
        mon 10:20 call connected actor_id=ann logged=wed/09:00
        """,
        """
        1 inquiry | mon 10:00 | mon 10:00 | mql
        1 mql     | mon 10:00 | - | -
        """,
        """
        capture_gap | mon 10:00 | mon 10:11:15 | mon 10:15 | met mon 10:01
        unrouted    | mon 10:00 | mon 10:03:45 | mon 10:05 | met mon 10:01
        untouched   | mon 10:01 | mon 10:23:30 | mon 10:31 | met wed 09:00 | ann
        undecided   | mon 10:01 | tue 10:01    | wed 10:01 | still open    | ann
        """,
        """
        untouched | mon 10:30=warned | mon 10:31=leaking | wed 08:59=leaking | wed 09:00=recovered
        undecided | wed 10:00=warned | wed 10:01=leaking | mon9 10:00=leaking
        """,
    ),
    Journey(
        """Logged the next morning. 24 hours late, and no minute more, counts when it happened.""",
        """
        mon 10:00 form demo_request
        mon 10:01 created New owner_id=ann owner_kind=person
        mon 10:20 call connected actor_id=ann logged=tue/10:20
        """,
        """
        1 inquiry | mon 10:00 | mon 10:00 | mql
        1 mql     | mon 10:00 | - | -
        """,
        """
        capture_gap | mon 10:00 | mon 10:11:15 | mon 10:15 | met mon 10:01
        unrouted    | mon 10:00 | mon 10:03:45 | mon 10:05 | met mon 10:01
        untouched   | mon 10:01 | mon 10:23:30 | mon 10:31 | met mon 10:20 | ann
        undecided   | mon 10:01 | tue 10:01    | wed 10:01 | still open    | ann
        """,
        "untouched | mon 10:19=open | mon 10:20=met | mon 12:00=met",
    ),
    Journey(
        """Known by day only. The CRM says "a call, on Monday", logged at three. It counts at three.""",
        """
        mon 10:00 form demo_request
        mon 10:01 created New owner_id=ann owner_kind=person
        mon 00:00 call connected actor_id=ann day logged=mon/15:00
        """,
        """
        1 inquiry | mon 10:00 | mon 10:00 | mql
        1 mql     | mon 10:00 | - | -
        """,
        """
        capture_gap | mon 10:00 | mon 10:11:15 | mon 10:15 | met mon 10:01
        unrouted    | mon 10:00 | mon 10:03:45 | mon 10:05 | met mon 10:01
        untouched   | mon 10:01 | mon 10:23:30 | mon 10:31 | met mon 15:00 | ann
        undecided   | mon 10:01 | tue 10:01    | wed 10:01 | still open    | ann
        """,
        "untouched | mon 10:20=open | mon 14:59=leaking | mon 15:00=recovered",
    ),
    Journey(
        """Two days in the queue, then passed on. A queue calls nobody, so sales owes nothing before Wednesday, when
        Ann gets the lead and misses her half hour: hers. On Thursday it is handed to Bob, which restarts no clock; he
        calls. The decision is due on Friday morning, when the lead is Bob's: that miss is his.""",
        """
        mon 10:00 form demo_request
        mon 10:01 created New owner_id=inbound owner_kind=queue
        wed 10:00 assigned ann
        thu 10:00 assigned bob
        thu 11:00 call no_answer actor_id=bob
        fri 12:00 accepted
        """,
        """
        1 inquiry | mon 10:00 | mon 10:00 | mql
        1 mql     | mon 10:00 | fri 12:00 | sal
        1 sal     | fri 12:00 | - | -
        """,
        """
        capture_gap | mon 10:00 | mon 10:11:15 | mon 10:15 | met mon 10:01
        unrouted    | mon 10:00 | mon 10:03:45 | mon 10:05 | met wed 10:00
        untouched   | wed 10:00 | wed 10:22:30 | wed 10:30 | met thu 11:00 | ann
        undecided   | wed 10:00 | thu 10:00    | fri 10:00 | met fri 12:00 | bob
        """,
        """
        unrouted  | mon 10:05=leaking | wed 09:59=leaking | wed 10:00=recovered
        untouched | wed 09:59=- | wed 10:30=leaking | thu 10:30=leaking | thu 11:00=recovered
        undecided | fri 09:59=warned | fri 10:00=leaking | fri 12:00=recovered
        """,
    ),
    Journey(
        """Rejected without a call. Ann has till 10:31 and rejects at 10:15, with a reason. The decision and the reason
        were given; the call never was, and rejecting does not hide that, even before it was due.""",
        """
        mon 10:00 form demo_request
        mon 10:01 created New owner_id=ann owner_kind=person
        mon 10:15 rejected too_small reason_class=fit
        """,
        """
        1 inquiry  | mon 10:00 | mon 10:00 | mql
        1 mql      | mon 10:00 | mon 10:15 | rejected
        1 rejected | mon 10:15 | - | -
        """,
        """
        capture_gap             | mon 10:00 | mon 10:11:15 | mon 10:15 | met mon 10:01
        unrouted                | mon 10:00 | mon 10:03:45 | mon 10:05 | met mon 10:01
        untouched               | mon 10:01 | mon 10:23:30 | mon 10:31 | lost mon 10:15 | ann
        undecided               | mon 10:01 | tue 10:01    | wed 10:01 | met mon 10:15  | ann
        rejected_without_reason | mon 10:15 | mon 10:26:15 | mon 10:30 | met mon 10:15  | ann
        """,
        """
        untouched | mon 10:14=open | mon 10:15=lost | mon 12:00=lost
        rejected_without_reason | mon 10:14=- | mon 10:15=met
        """,
    ),
    Journey(
        """"Other" is no reason. Ann called, rejects for "other", and says a day later that there was no budget. Three
        weeks after the rejection she accepts after all: that takes it back, and the lead goes on in its first round.
        """,
        """
        mon 10:00 form demo_request
        mon 10:01 created New owner_id=ann owner_kind=person
        mon 10:10 call connected actor_id=ann
        tue 10:00 rejected Other
        wed 10:00 updated reason=no_budget_this_year
        mon4 10:00 accepted
        """,
        """
        1 inquiry  | mon 10:00 | mon 10:00  | mql
        1 mql      | mon 10:00 | tue 10:00  | rejected
        1 rejected | tue 10:00 | mon4 10:00 | sal
        1 sal      | mon4 10:00 | - | -
        """,
        """
        capture_gap             | mon 10:00 | mon 10:11:15 | mon 10:15 | met mon 10:01
        unrouted                | mon 10:00 | mon 10:03:45 | mon 10:05 | met mon 10:01
        untouched               | mon 10:01 | mon 10:23:30 | mon 10:31 | met mon 10:10 | ann
        undecided               | mon 10:01 | tue 10:01    | wed 10:01 | met tue 10:00 | ann
        rejected_without_reason | tue 10:00 | tue 10:11:15 | tue 10:15 | met wed 10:00 | ann
        """,
        "rejected_without_reason | tue 10:14=warned | tue 10:15=leaking | wed 09:59=leaking | wed 10:00=recovered",
    ),
    Journey(
        """A mistake, taken back. Rejected without a word on Tuesday, accepted on Thursday: there is no rejection any
        more that wants a reason.""",
        """
        mon 10:00 form demo_request
        mon 10:01 created New owner_id=ann owner_kind=person
        mon 10:10 call connected actor_id=ann
        tue 10:00 rejected
        thu 10:00 accepted
        """,
        """
        1 inquiry  | mon 10:00 | mon 10:00 | mql
        1 mql      | mon 10:00 | tue 10:00 | rejected
        1 rejected | tue 10:00 | thu 10:00 | sal
        1 sal      | thu 10:00 | - | -
        """,
        """
        capture_gap             | mon 10:00 | mon 10:11:15 | mon 10:15 | met mon 10:01
        unrouted                | mon 10:00 | mon 10:03:45 | mon 10:05 | met mon 10:01
        untouched               | mon 10:01 | mon 10:23:30 | mon 10:31 | met mon 10:10 | ann
        undecided               | mon 10:01 | tue 10:01    | wed 10:01 | met tue 10:00 | ann
        rejected_without_reason | tue 10:00 | tue 10:11:15 | tue 10:15 | lost thu 10:00   | ann
        """,
        "rejected_without_reason | tue 10:15=leaking | thu 09:59=leaking | thu 10:00=lost",
    ),
    Journey(
        """From sales' own list. Ann makes the record herself and takes it on at once, so it begins as accepted. Later
        the person reads a paper and asks for a demo: lower stages, noted as such, that move nobody back and of which
        nobody owes anything new; but the forms were captured.""",
        """
        mon 10:00 created New created_how=manual created_by=ann owner_id=ann owner_kind=person
        mon 10:05 accepted
        tue 10:00 form content
        wed 10:00 form demo_request
        """,
        """
        1 sal     | mon 10:05 | -         | -
        1 inquiry | tue 10:00 | tue 10:00 | sal | regressed
        1 mql     | wed 10:00 | wed 10:00 | sal | regressed
        """,
        """
        capture_gap | tue 10:00 | tue 10:11:15 | tue 10:15 | met tue 10:00
        capture_gap | wed 10:00 | wed 10:11:15 | wed 10:15 | met wed 10:00
        """,
    ),
    Journey(
        """Machines and bounces are no call. A sequence's mail, a call that never arrived, the customer's own call and
        one by marketing: nobody of sales has turned to this person. On Wednesday the record is converted, accepted or
        not, so the half hour was missed, with nothing logged; and the decision came in time. The deal is never
        entered, only its win on Friday, a day late.""",
        """
        mon 10:00 form demo_request
        mon 10:01 created New owner_id=ann owner_kind=person
        mon 10:05 call sent activity_human=false activity_kind=email actor_id=ann sequence=inbound
        mon 10:10 call bounced activity_kind=email actor_id=ann
        mon 10:15 call connected activity_direction=inbound actor_id=ann
        tue 10:00 call connected actor_role=marketing actor_id=mia
        wed 10:00 converted 003C
        fri 10:00 won Won deal=006A amount=9000
        """,
        """
        1 inquiry  | mon 10:00 | mon 10:00 | mql
        1 mql      | mon 10:00 | wed 10:00 | sql
        1 sql      | wed 10:00 | fri 10:00 | customer | skipped
        1 customer | fri 10:00 | - | - | skipped
        """,
        """
        capture_gap | mon 10:00 | mon 10:11:15 | mon 10:15 | met mon 10:01
        unrouted    | mon 10:00 | mon 10:03:45 | mon 10:05 | met mon 10:01
        untouched   | mon 10:01 | mon 10:23:30 | mon 10:31 | met wed 10:00 | ann
        undecided   | mon 10:01 | tue 10:01    | wed 10:01 | met wed 10:00 | ann
        handoff     | wed 10:00 | wed 16:00    | thu 10:00 | met fri 10:00 | ann
        """,
        """
        untouched | mon 10:31=leaking | wed 09:59=leaking | wed 10:00=recovered
        handoff   | thu 09:59=warned | thu 10:00=leaking | fri 10:00=recovered
        """,
    ),
    Journey(
        """Second round. Called, then put into nurture undecided, which is no decision. Six weeks later the person asks
        for a demo again: everything is owed anew, and the first round's call does not count.""",
        """
        mon 10:00 form demo_request
        mon 10:01 created New owner_id=ann owner_kind=person
        mon 10:10 call connected actor_id=ann
        tue 10:00 nurture Quarterly
        2026-04-13 14:00 form demo_request
        """,
        """
        1 inquiry | mon 10:00 | mon 10:00 | mql
        1 mql     | mon 10:00 | tue 10:00 | nurture
        1 nurture | tue 10:00 | 2026-04-13 14:00 | inquiry
        2 inquiry | 2026-04-13 14:00 | 2026-04-13 14:00 | mql
        2 mql     | 2026-04-13 14:00 | - | -
        """,
        """
        capture_gap | mon 10:00 | mon 10:11:15 | mon 10:15 | met mon 10:01
        unrouted    | mon 10:00 | mon 10:03:45 | mon 10:05 | met mon 10:01
        untouched   | mon 10:01 | mon 10:23:30 | mon 10:31 | met mon 10:10  | ann
        undecided   | mon 10:01 | tue 10:01    | wed 10:01 | lost tue 10:00 | ann
        capture_gap | 2026-04-13 14:00 | 2026-04-13 14:11:15 | 2026-04-13 14:15 | met 2026-04-13 14:00
        unrouted    | 2026-04-13 14:00 | 2026-04-13 14:03:45 | 2026-04-13 14:05 | met 2026-04-13 14:00
        untouched   | 2026-04-13 14:00 | 2026-04-13 14:22:30 | 2026-04-13 14:30 | still open | ann
        undecided   | 2026-04-13 14:00 | 2026-04-14 14:00    | 2026-04-15 14:00 | still open | ann
        """,
        """
        untouched   | mon 10:10=met | 2026-05-04 10:00=met
        untouched 2 | mon 10:31=- | 2026-04-13 14:00=open | 2026-04-13 14:30=leaking | 2026-05-04 10:00=leaking
        undecided   | mon 12:00=open | tue 10:00=lost
        """,
    ),
    Journey(
        """Two deals of a small firm. Each deal moves or leaks on its own, 7 days at a stage. A is made on Monday, moved
        on Wednesday (the CRM says so twice), and lost on Friday, while B is still open: the lead is not lost. B sleeps
        from Tuesday until it is won ten days later, three days late. A renewal is no new business, and a customer's
        new demo request starts no new round.""",
        """
        mon 09:00 form demo_request company_size=20
        mon 09:01 created New owner_id=ann owner_kind=person
        mon 09:05 call connected actor_id=ann
        mon 09:10 accepted
        mon 09:15 converted 003C
        mon 10:00 deal Discovery deal=006A
        tue 10:00 deal Discovery deal=006B
        wed 10:00 step Proposal deal=006A
        thu 10:00 step Proposal deal=006A
        fri 10:00 lost Lost deal=006A
        fri2 10:00 won Won deal=006B
        mon3 10:00 deal Renewal deal=006C deal_kind=renewal
        mon4 10:00 form demo_request
        """,
        """
        1 inquiry     | mon 09:00 | mon 09:00 | mql
        1 mql         | mon 09:00 | mon 09:10 | sal
        1 sal         | mon 09:10 | mon 09:15 | sql
        1 sql         | mon 09:15 | mon 10:00 | opportunity
        1 opportunity | mon 10:00 | fri2 10:00 | customer
        1 customer    | fri2 10:00 | - | -
        """,
        """
        capture_gap  | mon 09:00 | mon 09:11:15 | mon 09:15 | met mon 09:01
        unrouted     | mon 09:00 | mon 09:03:45 | mon 09:05 | met mon 09:01
        untouched    | mon 09:01 | mon 09:23:30 | mon 09:31 | met mon 09:05 | ann
        undecided    | mon 09:01 | tue 09:01    | wed 09:01 | met mon 09:10 | ann
        handoff      | mon 09:15 | mon 15:15    | tue 09:15 | met mon 10:00 | ann
        stalled_deal | mon 10:00 | sat 16:00    | mon2 10:00 | met wed 10:00
        stalled_deal | tue 10:00 | sun 16:00    | tue2 10:00 | met fri2 10:00
        stalled_deal | wed 10:00 | mon2 16:00   | wed2 10:00 | met fri 10:00
        capture_gap  | mon4 10:00 | mon4 10:11:15 | mon4 10:15 | met mon4 10:00
        """,
        """
        stalled_deal   | tue 12:00=open | wed 10:00=met
        stalled_deal 2 | sun 16:00=warned | tue2 10:00=leaking | fri2 09:59=leaking | fri2 10:00=recovered
        stalled_deal 3 | thu 12:00=open | fri 10:00=met
        """,
    ),
    Journey(
        """Junk. Nobody called "Donald Duck", and on Tuesday Ann says that it is junk: the decision was made, and junk
        is a reason. The half hour for the call was over on Monday, and that miss stays.""",
        """
        mon 10:00 form demo_request
        mon 10:01 created New owner_id=ann owner_kind=person
        tue 09:00 rejected reason_class=junk
        """,
        """
        1 inquiry  | mon 10:00 | mon 10:00 | mql
        1 mql      | mon 10:00 | tue 09:00 | rejected
        1 rejected | tue 09:00 | - | -
        """,
        """
        capture_gap             | mon 10:00 | mon 10:11:15 | mon 10:15 | met mon 10:01
        unrouted                | mon 10:00 | mon 10:03:45 | mon 10:05 | met mon 10:01
        untouched               | mon 10:01 | mon 10:23:30 | mon 10:31 | lost tue 09:00   | ann
        undecided               | mon 10:01 | tue 10:01    | wed 10:01 | met tue 09:00    | ann
        rejected_without_reason | tue 09:00 | tue 09:11:15 | tue 09:15 | met tue 09:00    | ann
        """,
        "untouched | mon 12:00=leaking | tue 09:00=lost",
    ),
    Journey(
        """Opted out. Two hours after the request the CRM notes that the person wants no contact: no decision is owed
        any more. The call was due before that.""",
        """
        mon 10:00 form demo_request
        mon 10:01 created New owner_id=ann owner_kind=person
        mon 12:00 updated opted_out=true
        """,
        """
        1 inquiry | mon 10:00 | mon 10:00 | mql
        1 mql     | mon 10:00 | - | -
        """,
        """
        capture_gap | mon 10:00 | mon 10:11:15 | mon 10:15 | met mon 10:01
        unrouted    | mon 10:00 | mon 10:03:45 | mon 10:05 | met mon 10:01
        untouched   | mon 10:01 | mon 10:23:30 | mon 10:31 | lost mon 12:00   | ann
        undecided   | mon 10:01 | tue 10:01    | wed 10:01 | voided mon 12:00 | ann
        """,
        "untouched | mon 11:59=leaking | mon 12:00=lost",
    ),
    Journey(
        """Slowly warming, around a holiday. A head of IT of a mid-size firm comes to our booth on Tuesday; the record
        stands in the CRM after 20 minutes, five late. On Thursday at two he reads a paper: ready, but not hot, so a
        business day: three hours on Thursday, none on the first of May or the weekend, five on Monday.""",
        """
        2026-04-28 10:00 form event company_size=200 job_title=Head_of_IT
        2026-04-28 10:20 created New owner_id=ann owner_kind=person
        2026-04-30 14:00 form content
        """,
        """
        1 inquiry | 2026-04-28 10:00 | 2026-04-30 14:00 | mql
        1 mql     | 2026-04-30 14:00 | - | -
        """,
        """
        capture_gap | 2026-04-28 10:00 | 2026-04-28 10:11:15 | 2026-04-28 10:15 | met 2026-04-28 10:20
        capture_gap | 2026-04-30 14:00 | 2026-04-30 14:11:15 | 2026-04-30 14:15 | met 2026-04-30 14:00
        unrouted    | 2026-04-30 14:00 | 2026-04-30 14:03:45 | 2026-04-30 14:05 | met 2026-04-30 14:00
        untouched   | 2026-04-30 14:00 | 2026-05-04 12:00    | 2026-05-04 14:00 | still open | ann
        undecided   | 2026-04-30 14:00 | 2026-05-04 14:00    | 2026-05-05 14:00 | still open | ann
        """,
        """
        capture_gap | 2026-04-28 10:15=leaking | 2026-04-28 10:20=recovered
        untouched   | 2026-05-03 12:00=open | 2026-05-04 12:00=warned | 2026-05-04 14:00=leaking
        """,
    ),
    Journey(
        """The same man, but Ann called him on Wednesday, before he was ready: he has been touched in this round.""",
        """
        2026-04-28 10:00 form event company_size=200 job_title=Head_of_IT
        2026-04-28 10:20 created New owner_id=ann owner_kind=person
        2026-04-29 10:00 call connected actor_id=ann
        2026-04-30 14:00 form content
        """,
        """
        1 inquiry | 2026-04-28 10:00 | 2026-04-30 14:00 | mql
        1 mql     | 2026-04-30 14:00 | - | -
        """,
        """
        capture_gap | 2026-04-28 10:00 | 2026-04-28 10:11:15 | 2026-04-28 10:15 | met 2026-04-28 10:20
        capture_gap | 2026-04-30 14:00 | 2026-04-30 14:11:15 | 2026-04-30 14:15 | met 2026-04-30 14:00
        unrouted    | 2026-04-30 14:00 | 2026-04-30 14:03:45 | 2026-04-30 14:05 | met 2026-04-30 14:00
        undecided   | 2026-04-30 14:00 | 2026-05-04 14:00    | 2026-05-05 14:00 | still open | ann
        """,
    ),
)


def moment(text: str) -> int:
    """'tue2 10:00' → UTC microseconds."""
    day, clock = text.split()
    if found := re.fullmatch(r"([a-z]+)(\d*)", day):
        midnight = MONDAY + timedelta(weeks=int(found[2] or 1) - 1, days=DAYS.index(found[1]))
    else:
        midnight = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
    hours, minutes, *seconds = map(int, clock.split(":"))
    local = midnight.replace(hour=hours, minute=minutes, second=seconds[0] if seconds else 0)
    return (local.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def records(journey: Journey, funnel: Funnel) -> list[tuple[str, bytes, bytes]]:
    return [_record(number, line.split(), funnel) for number, line in enumerate(_lines(journey.events))]


def _record(number: int, words: list[str], funnel: Funnel) -> tuple[str, bytes, bytes]:
    day, clock, word, *rest = words
    topic, kind, bare, said = WORDS[word]
    record: dict[str, Any] = {"event_id": f"e{number}", "source": "test", "type": kind} | said
    record["occurred_at"] = moment(f"{day} {clock}")
    for part in rest:
        name, is_field, value = part.partition("=")
        if name == "day" and not is_field:
            record["time_precision"] = "day"
        elif name == "logged":
            record["recorded_at"] = moment(value.replace("/", " "))
        elif name == "deal":
            record |= {"record_kind": "opportunity", "record_id": value, "lead_id": "00Q1"}
        elif is_field:
            record[name] = _value(name, value)
        else:
            record[bare] = name.replace("_", " ") if bare == "reason" else name
    key = record.get("anonymous_id") or record.get("record_id") or record["email"]
    schema = SCHEMAS[topic]
    return getattr(TOPICS, topic), str(key).encode(), funnel.codec.encode(schema, record)


def _value(name: str, text: str) -> Any:
    if name in ("activity_human", "opted_out"):
        return text == "true"
    if name == "amount":
        return float(text)
    return text.replace("_", " ") if name in ("reason", "job_title") else text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def _cells(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in _lines(text) if line]


def rows(journey: Journey, order: random.Random | None = None) -> Rows:
    funnel = Funnel()
    events = records(journey, funnel)
    if order:
        order.shuffle(events)
    funnel.take(events)
    assert not funnel.rejects
    # identity_changes is the log of what was concluded in between, which does follow the order
    return {key: values for key, values in funnel.rows.items() if values and key[0] != "identity_changes"}


def _maybe(text: str) -> int | None:
    return None if text == "-" else moment(text)


def _wanted_stages(journey: Journey) -> list[tuple[Any, ...]]:
    wanted = []
    for what, since, until, then, *mark in _cells(journey.stages):
        cycle, stage = what.split()
        name = "" if then == "-" else then
        wanted.append((int(cycle), stage, moment(since), _maybe(until), name, " ".join(mark)))
    return sorted(wanted, key=str)


def _stages(found: Rows) -> list[tuple[Any, ...]]:
    return sorted(
        (
            (
                row["cycle"],
                key[3],
                row["entered_at"],
                row["left_at"],
                row["next"],
                "skipped" if row["skipped"] else "regressed" if row["regressed"] else "",
            )
            for key, row in found.items()
            if key[0] == "stage_entries"
        ),
        key=str,
    )


def _wanted_obligations(journey: Journey) -> list[tuple[Any, ...]]:
    wanted = []
    for kind, opened, warned, due, end, *owner in _cells(journey.owed):
        how, _, time = end.partition(" ")
        ended = (how, moment(time)) if how in ("met", "lost", "voided") else ("", None)
        wanted.append((kind, moment(opened), moment(warned), moment(due), *ended, *owner))
    return sorted(wanted, key=lambda one: one[:4])


def _obligations(found: Rows) -> list[tuple[str, dict[str, Any]]]:
    """Kind and row, by kind and opening."""
    some = [(key[2], row) for key, row in found.items() if key[0] == "obligations" and key[2] in KINDS]
    return sorted(some, key=lambda one: (one[0], one[1]["opened_at"]))


def _told(kind: str, row: dict[str, Any], with_owner: bool) -> tuple[Any, ...]:
    assert row["met_at"] is None or row["ended_at"] is None
    how = "met" if row["met_at"] is not None else row["end_kind"]
    end = row["met_at"] if row["met_at"] is not None else row["ended_at"]
    owner = (row["owner"],) if with_owner else ()
    return (kind, row["opened_at"], row["warn_at"], row["due_at"], how, end, *owner)


def _wanted_states(journey: Journey) -> Iterator[tuple[str, int, int, str]]:
    """Kind, which of them (from 0), when, and the state."""
    for kind, *moments in _cells(journey.states):
        name, _, number = kind.partition(" ")
        for one in moments:
            time, _, state = one.partition("=")
            yield name, int(number or 1) - 1, moment(time), "" if state == "-" else state


def title(journey: Journey) -> str:
    return journey.title.split(".")[0].strip().strip('"')


@pytest.mark.parametrize("journey", JOURNEYS, ids=title)
def test_a_journey_gives_the_rows_that_were_worked_out_by_hand(journey: Journey) -> None:
    found = rows(journey)
    assert len({key[1] for key in found if key[0] == "leads"}) == 1
    assert _stages(found) == _wanted_stages(journey)
    wanted = _wanted_obligations(journey)
    owned = {one[0] for one in wanted if len(one) > 6}
    assert [_told(kind, row, kind in owned) for kind, row in _obligations(found)] == wanted


@pytest.mark.parametrize("journey", JOURNEYS, ids=title)
def test_the_order_of_arrival_is_nothing(journey: Journey) -> None:
    found = rows(journey)
    for seed in range(3):
        assert rows(journey, random.Random(seed)) == found


@pytest.mark.parametrize("journey", JOURNEYS, ids=title)
def test_the_states_are_right_at_every_moment(journey: Journey) -> None:
    found = _obligations(rows(journey))
    for name, number, time, state in _wanted_states(journey):
        row = [row for kind, row in found if kind == name][number]
        assert (state_at(row, time) or "") == state, (name, number, time)


generations = count(70_000)


@pytest.mark.parametrize("journey", JOURNEYS, ids=title)
def test_the_boards_say_the_same(journey: Journey, clickhouse: LocalClickHouse) -> None:
    client = clickhouse.client()
    generation = next(generations)
    promote(client, generation)
    found = rows(journey)
    batch = Batch()
    for (table, *key), values in found.items():
        batch.add(table, tuple(key), values, 1, 0)
    Writer(client, generation).write(batch)
    stages = client.query(
        "SELECT cycle, stage, toUnixTimestamp64Micro(entered_at), toUnixTimestamp64Micro(left_at), next,"
        " multiIf(skipped, 'skipped', regressed, 'regressed', '') FROM boards.stage_entries"
    ).result_rows
    assert sorted((tuple(one) for one in stages), key=str) == _wanted_stages(journey)
    for name, number, time, state in _wanted_states(journey):
        assert _state_on_the_boards(client, name, number, time) == state, (name, number, time)
    client.close()


def _state_on_the_boards(client: Client, kind: str, number: int, time: int) -> str:
    at = (EPOCH + timedelta(microseconds=time)).strftime("%Y-%m-%d %H:%M:%S.%f")
    sql = (
        "SELECT toString(state) FROM boards.obligations_as_of(at = {at:DateTime64(6, 'UTC')})"
        " WHERE kind = {kind:String} ORDER BY opened_at"
    )
    states = [str(row[0]) for row in client.query(sql, parameters={"at": at, "kind": kind}).result_rows]
    return states[number] if number < len(states) else ""
