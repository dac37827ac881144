from __future__ import annotations

from collections import Counter, defaultdict
from itertools import islice, pairwise, takewhile
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.demo import Message, simulate
from deploy.demo.faults import FAULTS
from deploy.demo.hours import after, is_open
from deploy.demo.team import REPS
from schemas.codec import Codec, Undecodable
from streams.judge import refusal
from streams.model import DAY, HOUR, MINUTE, Micros, Record

START = 20_454 * DAY  # Thursday 2026-01-01
DAYS = 120
END = START + DAYS * DAY


@pytest.fixture(scope="module")
def company() -> list[Message]:
    """As large as the demo's, twice: so that shares are not chance."""
    return list(simulate(7, START, END, size=2))


@pytest.fixture(scope="module")
def records(company: list[Message]) -> dict[str, list[Record]]:
    good: dict[str, list[Record]] = {"web": [], "form": [], "crm": []}
    for message in company:
        if message.record and not message.fault:
            good[message.topic].append(message.record)
    return good


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec(None)


# Spans begin anywhere in a day; a small company keeps them quick.
SPANS = st.tuples(st.integers(0, 2**32), st.integers(START, END), st.integers(0, 5 * DAY), st.integers(0, 5 * DAY))


@settings(max_examples=25, deadline=None)
@given(span=SPANS)
def test_the_same_seed_tells_the_same_and_a_longer_span_only_adds(span: tuple[int, int, int, int]) -> None:
    seed, start, length, more = span
    short = list(simulate(seed, start, start + length, size=0.3))
    long = list(simulate(seed, start, start + length + more, size=0.3))
    assert short == long[: len(short)]
    assert short == list(takewhile(lambda message: message.at_us < start + length, long))
    times = [message.at_us for message in long]
    assert times == sorted(times)
    assert all(start <= at < start + length + more for at in times)


def test_another_seed_tells_another_story() -> None:
    assert list(simulate(1, START, START + DAY)) != list(simulate(2, START, START + DAY))


def test_it_is_lazy_and_simulations_do_not_disturb_each_other() -> None:
    endless, other = simulate(7, START, 1 << 62), simulate(8, START, 1 << 62)
    mixed = [message for pair in zip(endless, islice(other, 500), strict=False) for message in pair]
    assert mixed[::2] == list(islice(simulate(7, START, END), 500))


@pytest.mark.parametrize("size", [0.0, 0.5, 4.0])
def test_size_scales_the_company(size: float) -> None:
    usual = sum(1 for _ in simulate(7, START, START + 28 * DAY))
    assert sum(1 for _ in simulate(7, START, START + 28 * DAY, size)) == pytest.approx(usual * size, rel=0.25, abs=8)


def test_every_good_record_encodes_and_comes_back(company: list[Message], codec: Codec) -> None:
    for message in company[:20_000]:
        if message.record is None or message.fault:
            continue
        decoded = codec.decode(f"events/{message.topic}", codec.encode(f"events/{message.topic}", message.record))
        assert message.record.items() <= decoded.items()
        assert refusal(message.topic, decoded, message.at_us) is None
        assert message.key.decode() in (decoded.get("anonymous_id"), decoded.get("record_id"), decoded.get("email"))
        assert decoded["occurred_at"] <= decoded["received_at"] == message.at_us
        assert decoded["recorded_at"] is None or decoded["occurred_at"] <= decoded["recorded_at"] <= message.at_us


def test_bad_messages_are_few_of_every_kind_and_bad(company: list[Message], codec: Codec) -> None:
    bad = [message for message in company if message.fault]
    assert {message.fault for message in bad} == set(FAULTS)
    assert len(bad) < len(company) / 400
    for message in bad:
        name = f"events/{message.topic}"
        if message.record is None:
            with pytest.raises(Undecodable):
                codec.decode(name, message.raw)
            continue
        decoded = codec.decode(name, codec.encode(name, message.record))
        if message.fault == "blocked_id":
            assert "null" in decoded.values()
        else:
            assert refusal(message.topic, decoded, message.at_us) is not None


def test_the_size_and_shape_of_the_default_company() -> None:
    messages = list(simulate(7, START, END))
    assert 25_000 < len(messages) < 40_000
    assert max(Counter(message.at_us // MINUTE for message in messages).values()) < 48
    kinds = {(message.topic, message.record["type"]) for message in messages if message.record and not message.fault}
    assert len([kind for topic, kind in kinds if topic == "crm"]) >= 19


def test_one_visitor_in_twenty_inquires(records: dict[str, list[Record]]) -> None:
    visitors = {record["anonymous_id"] for record in records["web"]}
    inquired = {record["anonymous_id"] for record in records["form"] if "anonymous_id" in record}
    assert 0.035 < len(inquired & visitors) / len(visitors) < 0.065


def by_record(records: dict[str, list[Record]]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for record in sorted(records["crm"], key=lambda record: int(record["recorded_at"])):
        if record["record_kind"] == "lead":
            found[record["record_id"]].append(record)
    return found


def test_four_of_five_qualified_leads_vanish_and_some_buy(records: dict[str, list[Record]]) -> None:
    types = [{record["type"] for record in lead} for lead in by_record(records).values() if is_mql(lead)]
    n = len(types)
    assert n > 300
    assert 0.12 < sum("accepted" in kinds for kinds in types) / n < 0.3
    assert 0.07 < sum("converted" in kinds for kinds in types) / n < 0.2
    new = [record for record in records["crm"] if record.get("deal_kind") == "new_business"]
    ends = Counter(record["type"] for record in new)
    assert 0.2 < ends["opportunity_won"] / ends["opportunity_created"] < 0.5
    assert ends["opportunity_lost"] > 5
    amounts = [record["amount"] for record in new]
    assert 3_000 < median(amounts) < 40_000
    assert {record["currency"] for record in new} == {"EUR"}
    assert {record["deal_kind"] for record in records["crm"] if "deal_kind" in record} >= {"renewal", "expansion"}


def is_mql(lead: list[Record]) -> bool:
    return any(record.get("status") == "MQL" for record in lead)


def test_gaps_between_departments(records: dict[str, list[Record]]) -> None:
    made: dict[str, Micros] = {}
    for record in records["crm"]:
        if record["type"] == "lead_created":
            made.setdefault(record["email"], record["occurred_at"])
    first: dict[str, Micros] = {}
    for record in records["form"]:
        first.setdefault(record["email"].lower(), record["occurred_at"])
    waits = [made[email] - at if email in made else None for email, at in first.items() if at < END - 2 * DAY]
    never = sum(wait is None for wait in waits) / len(waits)
    late = sum(wait is not None and wait > 15 * MINUTE for wait in waits) / len(waits)
    assert 0.02 < never < 0.12
    assert 0.03 < late < 0.2
    old = [lead for lead in by_record(records).values() if is_mql(lead) and lead[-1]["occurred_at"] < END - 10 * DAY]
    stuck = [lead for lead in old if owners(lead)[-1:] == ["queue"]]
    assert 0.02 < len(stuck) / len(old) < 0.15
    rejected = [record for record in records["crm"] if record["type"] == "rejected"]
    nurtured = {record["record_id"] for record in records["crm"] if record["type"] == "nurture_entered"}
    recyclable = [record for record in rejected if record.get("reason_class") in ("timing", "budget", "no_need")]
    assert 0.2 < sum(record["record_id"] in nurtured for record in recyclable) / len(recyclable) < 0.9


def owners(lead: list[Record]) -> list[str]:
    return [record["owner_kind"] for record in lead if record["type"] == "assigned"]


class Work:
    """What one rep did with the leads that the automation or operations gave them first, in time to do something."""

    def __init__(self, rep: str, records: dict[str, list[Record]]) -> None:
        self.hot: list[Micros | None] = []  # from assignment to the first touch, or None
        self.large: list[Micros | None] = []
        self.rest: list[Micros | None] = []
        for lead in by_record(records).values():
            given = next((record for record in lead if record.get("owner_kind") == "person"), None)
            made = next((record for record in lead if record["type"] == "lead_created"), None)
            if not given or not made or given.get("owner_id") != rep or given["type"] != "assigned":
                continue
            if given["occurred_at"] > END - 14 * DAY or made.get("created_how") == "manual":
                continue
            touch = next((record for record in lead if touches(record, rep)), None)
            wait = touch["recorded_at"] - given["occurred_at"] if touch else None
            large = made["company_size"] in ("501-1000", "1001-5000", "5000+")
            (self.hot if made["score"] >= 55 else self.large if large else self.rest).append(wait)
        own = [record for record in records["crm"] if rep in (record.get("actor_id"), record.get("changed_by"))]
        self.activities = [record for record in own if record["type"] == "activity_logged"]
        self.human = [record for record in self.activities if record["activity_human"]]
        self.rejections = [record for record in own if record["type"] == "rejected"]


def touches(record: Record, rep: str) -> bool:
    human: Any = record.get("activity_human")
    return bool(human) and record["actor_id"] == rep and record["activity_direction"] != "inbound"


def share(waits: list[Micros | None]) -> float:
    return sum(wait is not None for wait in waits) / len(waits)


def test_ada_is_fast_always_logs_and_gives_reasons(records: dict[str, list[Record]]) -> None:
    ada = Work("ada", records)
    assert share(ada.hot) > 0.9
    assert share(ada.rest) > 0.85
    assert median(wait for wait in ada.hot if wait is not None) < 18 * HOUR
    assert all(record["recorded_at"] - record["occurred_at"] < HOUR for record in ada.activities)
    assert len(ada.rejections) > 10
    assert all("reason" in record for record in ada.rejections)


def test_boris_picks_the_cherries(records: dict[str, list[Record]]) -> None:
    boris = Work("boris", records)
    assert share(boris.hot) > 0.75
    assert share(boris.large) > 0.7
    assert share(boris.rest) < 0.3  # some came back later as hot ones


def test_chiara_never_gives_a_reason(records: dict[str, list[Record]]) -> None:
    chiara = Work("chiara", records)
    assert len(chiara.rejections) > 20
    assert not any("reason" in record or "reason_class" in record for record in chiara.rejections)


def test_dmitri_logs_late_and_by_the_day(records: dict[str, list[Record]]) -> None:
    dmitri = Work("dmitri", records)
    late = [record for record in dmitri.human if record["recorded_at"] - record["occurred_at"] > 10 * HOUR]
    by_day = [record for record in dmitri.human if record["time_precision"] == "day"]
    assert len(late) / len(dmitri.human) > 0.4
    assert len(by_day) / len(dmitri.human) > 0.15
    assert all(record["occurred_at"] % DAY == 0 for record in by_day)


def test_eva_prospects_by_hand(records: dict[str, list[Record]]) -> None:
    made = [record for record in records["crm"] if record.get("created_by") == "eva"]
    assert len(made) > 150
    assert {record["created_how"] for record in made} == {"manual"}
    assert any(record.get("rep_link") for record in records["web"])


def test_people_work_in_business_hours(records: dict[str, list[Record]]) -> None:
    staff = {rep.id for rep in REPS} | {"eva"}
    done = [
        record["occurred_at"]
        for record in records["crm"]
        if record.get("activity_human") and record["actor_id"] in staff and record["time_precision"] == "second"
    ]
    assert len(done) > 1000
    assert all(map(is_open, done))


@given(at=st.integers(START, END), work=st.integers(0, 100 * HOUR), more=st.integers(0, 100 * HOUR))
def test_business_time_adds_up(at: int, work: int, more: int) -> None:
    assert is_open(after(at, work))
    assert after(after(at, work), more) == after(at, work + more)
    assert after(at, work) >= at + work


def test_troubles_of_delivery_and_identity(company: list[Message], records: dict[str, list[Record]]) -> None:
    seen: dict[str, Record] = {}
    twice = 0
    for message in company:
        if message.record is None or message.fault:
            continue
        content = {name: value for name, value in message.record.items() if name != "received_at"}
        twice += seen.setdefault(content["event_id"], content) is not content
        assert seen[content["event_id"]] == content
    assert 0.004 < twice / len(company) < 0.02
    crm = records["crm"]
    assert any(record["received_at"] - record["recorded_at"] > DAY for record in crm)
    assert any(earlier["occurred_at"] > later["occurred_at"] for earlier, later in pairwise(crm))
    assert {"merged", "unmerged", "deleted", "erased"} <= {record["type"] for record in crm}
    devices, people = defaultdict(set), defaultdict(set)
    for record in (*records["form"], *records["web"]):
        if "email" in record and "anonymous_id" in record:
            devices[record["email"].lower()].add(record["anonymous_id"])
            people[record["anonymous_id"]].add(record["email"].lower())
    assert any(len(of_one) > 1 for of_one in devices.values())
    assert any(len(on_one) > 1 for on_one in people.values())


def test_addresses_are_invented(records: dict[str, list[Record]]) -> None:
    emails = {record["email"].lower() for topic in records.values() for record in topic if "email" in record}
    domains = Counter(email.rsplit("@", 1)[1] for email in emails)
    assert all(domain.endswith(".example") or domain == "gmail.com" for domain in domains)
    assert max(count for domain, count in domains.items() if domain != "gmail.com") >= 3
