"""What is said of leaks: by example, and that nothing is missed or said twice whatever happens in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.alert import OPEN, Look
from streams.alerts import decide
from streams.model import DAY, HOUR, MINUTE, SECOND, Micros
from streams.verdict import PIPELINE, Data, Gap
from tests.alerts.world import RULES, Obligation, Topic, obligation, owed

CRM = "salesforce"
SILENT = "held/source/salesforce"


def test_it_is_warned_of_said_to_leak_and_to_have_recovered_once_each() -> None:
    topic, late = Topic(), obligation(met_at=9 * HOUR)
    for tick in range(0, 12 * 60, 10):
        topic.look(tick * MINUTE, [late])
        topic.restart()
    assert topic.changes() == [("warned", 6 * HOUR), ("leaking", 8 * HOUR), ("recovered", 9 * HOUR)]


def test_what_was_met_in_time_is_closed_only_if_it_was_warned_of() -> None:
    topic = Topic()
    for hour in range(12):
        topic.look(hour * HOUR, [obligation(0, met_at=7 * HOUR + 1), obligation(1, met_at=5 * HOUR)])
    assert topic.changes() == [("warned", 6 * HOUR), ("met", 7 * HOUR + 1)]
    assert topic.changes("L1/untouched/c") == []


def test_how_it_ended_is_said() -> None:
    ends: list[dict[str, Any]] = [{"ended_at": 9 * HOUR, "end_kind": end} for end in ("lost", "voided")]
    for end in ends:
        topic = Topic()
        for hour in (7, 8, 10):
            topic.look(hour * HOUR, [obligation(**end)])
        assert topic.changes()[1:] == [("leaking", 8 * HOUR), (end["end_kind"], 9 * HOUR)]


def test_a_warning_that_comes_too_late_is_none() -> None:
    topic = Topic()
    topic.look(20 * HOUR, [obligation()])
    assert topic.changes() == [("leaking", 8 * HOUR)]


def test_what_came_and_went_while_nobody_looked_is_said_with_its_times() -> None:
    topic = Topic()
    topic.look(7 * HOUR, [obligation(0, met_at=9 * HOUR), obligation(1, HOUR, ended_at=10 * HOUR, end_kind="lost")])
    topic.restart()
    topic.look(20 * HOUR, [obligation(0, met_at=9 * HOUR), obligation(1, HOUR, ended_at=10 * HOUR, end_kind="lost")])
    assert topic.changes()[1:] == [("leaking", 8 * HOUR), ("recovered", 9 * HOUR)]
    assert topic.changes("L1/untouched/c")[1:] == [("leaking", 9 * HOUR), ("lost", 10 * HOUR)]


def test_what_was_over_before_anybody_ever_looked_is_no_news() -> None:
    topic = Topic()
    topic.look(20 * HOUR, [obligation(met_at=9 * HOUR)])
    assert topic.log == []


def test_an_obligation_that_is_gone_is_withdrawn_once_all_is_in_again() -> None:
    topic = Topic()
    topic.look(9 * HOUR, [obligation()])
    topic.look(10 * HOUR, [], Data(8 * HOUR))
    assert topic.changes() == [("leaking", 8 * HOUR)], "a generation that is not there yet says nothing of it"
    topic.look(11 * HOUR, [])
    topic.look(12 * HOUR, [])
    assert topic.changes() == [("leaking", 8 * HOUR), ("withdrawn", 11 * HOUR)]


def test_one_that_is_due_later_than_was_known_is_withdrawn_or_warned_of() -> None:
    topic = Topic()
    topic.look(9 * HOUR, [obligation(0), obligation(1)])
    topic.look(10 * HOUR, [obligation(0, 3 * HOUR), obligation(1, 5 * HOUR)])
    assert topic.changes() == [("leaking", 8 * HOUR), ("warned", 9 * HOUR)]
    assert topic.changes("L1/untouched/c") == [("leaking", 8 * HOUR), ("withdrawn", 10 * HOUR)]


def test_a_leak_is_held_until_our_own_pipeline_has_caught_up() -> None:
    topic = Topic()
    topic.look(7 * HOUR, [obligation()])
    for minute, behind in ((1, None), (2, True), (30, True), (31, None)):
        assert topic.look(8 * HOUR + minute * MINUTE, [obligation()], Data(7 * HOUR), behind=behind).held == 1
        assert topic.changes("held/pipeline") == ([("held", 7 * HOUR)] if minute > 1 else [])
    assert topic.changes() == [("warned", 6 * HOUR)]
    topic.look(9 * HOUR, [obligation()], behind=False)
    assert topic.changes()[1:] == [("leaking", 8 * HOUR)]
    assert topic.changes("held/pipeline")[1:] == [("released", 9 * HOUR)]


def test_the_usual_lag_of_a_second_holds_without_a_word() -> None:
    topic = Topic()
    topic.look(8 * HOUR + SECOND, [obligation()], Data(8 * HOUR - SECOND))
    assert [alert.change for _, alert in topic.log if alert] == []
    topic.look(8 * HOUR + 2 * SECOND, [obligation()], Data(8 * HOUR))
    assert topic.changes() == [("leaking", 8 * HOUR)]


def test_while_the_crm_is_silent_leaks_are_held_and_counted() -> None:
    topic = Topic()
    rows = [obligation(number, number * MINUTE) for number in range(5)]
    silent = Data(None, (Gap(CRM, 7 * HOUR),))
    held = [topic.look(8 * HOUR + minute * MINUTE, rows, silent).held for minute in range(6)]
    assert held == [1, 2, 3, 4, 5, 5]
    told = [alert for key, alert in topic.log if key == SILENT and alert]
    assert [(one.change, one.at, one.source, one.held_count) for one in told] == [
        ("held", 7 * HOUR, CRM, count) for count in (1, 2, 4)
    ]
    assert not any(alert and alert.change == "leaking" for _, alert in topic.log)
    rows[0]["met_at"] = 7 * HOUR + MINUTE  # the news of it was late
    rows[1]["met_at"] = 9 * HOUR
    topic.look(10 * HOUR, rows)
    assert topic.changes(SILENT)[-1] == ("released", 10 * HOUR)
    leaking = [key for key, alert in topic.log if alert and alert.change == "leaking"]
    assert leaking == [f"L{number}/untouched/c" for number in (1, 2, 3, 4)]
    assert topic.changes() == [], "it never leaked"
    assert topic.changes("L1/untouched/c")[1:] == [("leaking", 8 * HOUR + MINUTE), ("recovered", 9 * HOUR)]


def test_what_the_crm_said_after_it_was_due_is_enough() -> None:
    topic = Topic()
    topic.look(12 * HOUR, [obligation()], Data(None, (Gap(CRM, 8 * HOUR),)))
    assert topic.changes() == [("leaking", 8 * HOUR)]


def test_nothing_is_held_for_ever_and_then_it_is_the_datas() -> None:
    topic = Topic()
    silent = Data(None, (Gap(CRM, 7 * HOUR),))
    topic.look(18 * HOUR - 1, [obligation()], silent)
    assert topic.changes() == []
    topic.look(18 * HOUR, [obligation()], silent)
    ((_, alert),) = [one for one in topic.log if one[1] and one[1].change == "leaking"]
    assert alert is not None
    assert (alert.verdict, alert.why) == (
        "data",
        f"the CRM connector {CRM} has said nothing since 1970-01-01 07:00 UTC",
    )


def test_what_was_said_in_an_outage_of_days_is_not_said_again_after_it() -> None:
    topic = Topic()
    rows = [
        obligation(0, 5 * MINUTE, met_at=20 * HOUR),
        obligation(1, 90 * MINUTE),
        obligation(2, HOUR, due_at=3 * DAY),
    ]
    silent = Data(None, (Gap(CRM, 7 * HOUR),))
    topic.look(8 * HOUR - MINUTE, rows)
    for hour in (9, 19, 21, 30, 50, 51):
        topic.look(hour * HOUR, rows, silent)
        topic.restart()
    told = [("warned", 6 * HOUR + 5 * MINUTE), ("leaking", 8 * HOUR + 5 * MINUTE), ("recovered", 20 * HOUR)]
    assert topic.changes() == told
    assert len(topic.said) == 4, "the time of the outage is still to be judged"
    for hour in (52, 53):
        topic.look(hour * HOUR, rows)
    assert topic.changes() == told
    assert len(topic.said) == 3


def test_a_leak_of_long_ago_is_not_said_and_let_go_of() -> None:
    topic = Topic()
    topic.look(8 * HOUR + RULES.within, [obligation()])
    assert topic.log == []
    topic.look(9 * HOUR, [obligation()])
    topic.look(8 * HOUR + RULES.within, [obligation()])
    assert topic.log[-1] == ("L0/untouched/c", None)
    assert topic.said == {}


def test_what_ended_is_kept_for_a_day_and_the_newest_for_ever() -> None:
    topic = Topic()
    rows = [obligation(0, met_at=9 * HOUR), obligation(1, HOUR, met_at=11 * HOUR)]
    for hour in (8, 10, 12):
        topic.look(hour * HOUR, rows)
    topic.look(10 * HOUR + DAY - 1, rows)
    assert len(topic.said) == 2
    topic.look(10 * DAY, rows)
    assert list(topic.said) == ["L1/untouched/c"]
    assert topic.log[-1] == ("L0/untouched/c", None)


def test_a_message_tells_what_a_receiver_needs() -> None:
    topic = Topic()
    topic.look(9 * HOUR, [obligation(owed_by="marketing")])
    ((key, alert),) = topic.log
    assert alert is not None
    assert key == f"{alert.lead_id}/{alert.kind}/{alert.cause}"
    assert (alert.owed_by, alert.owner, alert.verdict, alert.state) == ("marketing", "ann", "marketing", "leaking")
    assert (alert.opened_at, alert.warn_at, alert.due_at, alert.settled_at) == (0, 6 * HOUR, 8 * HOUR, None)
    assert (alert.generation, alert.definition_version, alert.data_until) == (7, "v", 9 * HOUR)


# -- whatever happens

TIMES = st.integers(0, 60).map(lambda hours: hours * HOUR)


@dataclass(frozen=True)
class Known:
    """An obligation, and when the news of how it ended arrives."""

    row: Obligation
    arrives: Micros

    def at(self, now: Micros) -> Obligation:
        return self.row if now >= self.arrives else {**self.row, "met_at": None, "ended_at": None}


@dataclass(frozen=True)
class Tick:
    now: Micros
    behind: Micros
    silent_for: Micros
    restart: bool
    crash_after: int | None

    @property
    def data(self) -> Data:
        silent = (Gap(CRM, self.now - self.silent_for),) if self.silent_for else ()
        return Data(self.now - self.behind, silent)


@st.composite
def known(draw: st.DrawFn, number: int) -> Known:
    opened = draw(TIMES)
    settled = draw(st.none() | st.integers(1, 30).map(lambda hours: opened + hours * HOUR))
    end = draw(st.sampled_from(["", "", "lost", "voided"]))
    row = obligation(
        number,
        opened,
        met_at=None if end else settled,
        ended_at=settled if end else None,
        end_kind=end if settled else "",
    )
    return Known(row, (settled or 0) + draw(st.sampled_from([0, 0, HOUR, 5 * HOUR])))


ticks = st.lists(
    st.builds(
        Tick,
        now=st.integers(0, 100 * 4).map(lambda quarters: quarters * 15 * MINUTE),
        behind=st.sampled_from([0, 0, 0, SECOND, HOUR, 6 * HOUR]),
        silent_for=st.sampled_from([0, 0, 0, HOUR, 6 * HOUR]),
        restart=st.booleans(),
        crash_after=st.none() | st.none() | st.integers(0, 6),
    ),
    max_size=40,
    unique_by=lambda tick: tick.now,
).map(lambda found: sorted(found, key=lambda tick: tick.now))


@given(st.integers(1, 5).flatmap(lambda count: st.tuples(*(known(number) for number in range(count)))), ticks)
def test_nothing_is_missed_said_too_soon_or_twice(all_known: tuple[Known, ...], ticks: list[Tick]) -> None:
    topic, judged = Topic(), 0
    for tick in ticks:
        if tick.restart:
            topic.restart()
        before = len(topic.log)
        rows = [one.at(tick.now) for one in all_known]
        topic.look(tick.now, rows, tick.data, tick.crash_after)
        for key, alert in topic.log[before:]:
            if alert is not None and alert.change == "leaking":
                assert alert.at == alert.due_at, key
                assert alert.at <= tick.now
                assert tick.data.missing(alert.at) is None or tick.now >= alert.at + RULES.hold
        if tick.crash_after is not None:
            continue
        judged = tick.now
        for row in rows:
            one = owed(row, tick.now)
            if one is None:
                continue
            last = topic.said.get(one.key)
            news = one.due_at > tick.now - RULES.within
            held = tick.data.missing(one.due_at) is not None and tick.now < one.due_at + RULES.hold
            if one.state == "leaking" and news and not held:
                assert last is not None and last.change == "leaking"
            if last is not None and last.change in OPEN and one.state not in OPEN:
                raise AssertionError(f"{one.key} is {one.state}, and said to be {last.change}")
    for each in all_known:
        key = f"{each.row['lead_id']}/untouched/c"
        changes = [change for change, _ in topic.changes(key)]
        assert len(changes) == len(set(changes)), "twice"
        assert not {"recovered", "lost"} & set(changes[:-1]), "nothing comes after the end"
        order = ["warned", "leaking"]
        assert [change for change in changes if change in order] == [one for one in order if one in changes]
    assert judged >= 0


@given(st.lists(st.integers(0, 4).flatmap(known), max_size=6), st.integers(0, 100), st.integers(0, 100))
def test_what_is_not_asked_for_would_change_nothing(all_known: list[Known], first: int, then: int) -> None:
    """sinks/leaks.py leaves out what cannot be news."""
    first, then = sorted((first * HOUR, then * HOUR))
    rows = {one.row["lead_id"]: one.row for one in all_known}.values()
    topic = Topic()
    topic.look(first, rows)
    shown = [one for row in rows if (one := owed(row, then)) is not None]
    whole = decide(topic.said, first, Look(then, Data(then), shown), RULES)
    assert whole == topic.look(then, rows)


def test_the_pipeline_has_a_key_of_its_own() -> None:
    """Whatever a company calls its sources."""
    topic = Topic()
    topic.look(9 * HOUR, [obligation()], Data(None, (Gap("pipeline", 7 * HOUR),)))
    topic.look(9 * HOUR, [obligation()], Data(7 * HOUR), behind=True)
    assert {key for key, _ in topic.log} == {"held/source/pipeline", "held/pipeline"}
    assert PIPELINE == ""
