"""What must hold for any journey, whatever happened in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.identity.inbox import Brought
from streams.journey import journey
from streams.journey.journey import Journey
from streams.journey.obligations import state_at
from streams.journey.rows import RowMaker
from streams.model import LeadEvent, Record, Row
from tests.journey.dsl import DEFINITION, LEAD, events_of

MAKER = RowMaker(DEFINITION)
_WHAT = """
    visit
    visit pricing_pages=1 utm_medium=cpc
    visit rep_link=true
    form demo_request
    form content
    form imported_list
    created
    created MQL created_how=manual
    updated MQL
    updated company_size=500 region=US
    status MQL
    status SQL
    status Rejected
    status New
    assigned ann
    assigned ben
    queued pool
    accepted
    rejected
    rejected timing reason_class=timing
    rejected x reason_class=junk
    recycled
    call
    call by=ann
    call day logged=mon3/10:00
    mail direction=inbound
    mail sequence=s
    response expo
    email clicked
    nurture
    converted 003A
    deal 'demo deal=A
    step 'offer deal=A
    won 10 deal=A
    lost price deal=A
    deal deal=B
    lost price deal=B
    deleted 00Q1
    merged 00Q2
    updated opted_out=true
    updated reason_class=budget
""".strip().splitlines()
_LINE = st.builds(
    "{}{} {:02}:{:02} {}".format,
    st.sampled_from(["mon", "tue", "thu", "fri", "sun"]),
    st.sampled_from(["", "2", "5"]),
    st.sampled_from([8, 10, 16]),
    st.sampled_from([0, 30]),
    st.sampled_from(_WHAT).map(str.strip),
)
JOURNEYS = st.lists(_LINE, min_size=1, max_size=14).map(lambda lines: events_of("\n".join(lines)))


def message(
    version: int, item: str, events: Sequence[LeadEvent] | None, *, full: bool = False, node: str = "n"
) -> Record:
    said = {"item": item, "events": None if events is None else [event.record() for event in events]}
    return {
        "source_at": 0,
        "node": node,
        "node_version": version,
        "full": full,
        "items": [said],
        "former": [],
        "beyond": 0,
    }


def fold(emitted: list[Row]) -> dict[tuple[str, tuple[str, ...]], Any]:
    """What a table that keeps the last row per key shows."""
    shown: dict[tuple[str, tuple[str, ...]], Any] = {}
    for row in emitted:
        shown[row.table, row.key] = row.values
    return {key: values for key, values in shown.items() if values is not None}


@settings(deadline=None)
@given(JOURNEYS, st.randoms(use_true_random=False))
def test_rows_do_not_depend_on_the_order_of_events(events: list[LeadEvent], random: Any) -> None:
    mixed = list(events)
    random.shuffle(mixed)
    assert MAKER.rows(LEAD, mixed, {}) == MAKER.rows(LEAD, events, {})


@settings(deadline=None)
@given(JOURNEYS, st.data())
def test_emitted_differences_replayed_are_the_rows_from_scratch(events: list[LeadEvent], data: st.DataObject) -> None:
    """Messages in any order, repeated, redelivered, items withdrawn and told again, the state stored in between."""
    said = [message(version, f"crm:{event.key}", [event]) for version, event in enumerate(events)]
    gone = data.draw(st.lists(st.sampled_from(events), unique_by=lambda event: event.key))
    said += [message(1000 + place, f"crm:{event.key}", None) for place, event in enumerate(gone)]
    order = data.draw(st.permutations(said + data.draw(st.lists(st.sampled_from(said)))))
    again = data.draw(st.lists(st.integers(0, len(order) - 1)))

    step = Journey(DEFINITION, many=data.draw(st.sampled_from([1, 5, 100])))
    state = step.fresh(LEAD)
    emitted: list[Row] = []
    for offset, one in enumerate(order):
        emitted += step.apply(state, offset, one)
        if offset in again:
            state = step.load(step.dump(state))
            repeated = list(step.apply(state, offset, one))
            assert fold(repeated) == fold(emitted)
            emitted += repeated
    left = [event for event in events if event not in gone]
    keys = frozenset(event.key for event in left)
    nodes = {"n": Brought(min(event.occurred_at for event in left), keys)} if left else {}
    assert fold(emitted) == MAKER.rows(LEAD, left, nodes)


@settings(deadline=None)
@given(JOURNEYS)
def test_nothing_changed_nothing_said(events: list[LeadEvent]) -> None:
    step = Journey(DEFINITION)
    state = step.fresh(LEAD)
    one = message(1, "deal:A", events)
    assert list(step.apply(state, 5, one))
    assert list(step.apply(state, 6, one)) == []
    again = list(step.apply(state, 6, one))
    assert again
    assert {row.revision for row in again} == {6}


@settings(deadline=None)
@given(JOURNEYS, st.data())
def test_a_lead_that_is_read_on_says_what_one_that_is_read_anew_says(
    events: list[LeadEvent], data: st.DataObject
) -> None:
    """Mostly in order, as events come; some late, withdrawn, of another identifier, or of another lead then."""
    late = data.draw(st.lists(st.integers(0, len(events) - 1), max_size=2))
    order = [event for place, event in enumerate(events) if place not in late] + [events[place] for place in late]
    told = [
        message(version, event.key, [event], node=data.draw(st.sampled_from(["crm_lead:00Q1", "crm_lead:00Q2"])))
        for version, event in enumerate(order, start=1)
    ]
    gone = [message(100 + place, one["items"][0]["item"], None, node=one["node"]) for place, one in enumerate(told)]
    told += data.draw(st.lists(st.sampled_from(gone), max_size=2))
    full = data.draw(st.sampled_from(told))
    until = {"until": data.draw(st.sampled_from(events)).occurred_at, "lead": "Lformer"}
    told.append({**full, "node_version": 300, "full": True, "former": [until]})
    on, anew = Journey(DEFINITION, many=1), Journey(DEFINITION, many=1000)
    state, other = on.fresh(LEAD), anew.fresh(LEAD)
    for offset, one in enumerate(told):
        assert list(on.apply(state, offset, one)) == list(anew.apply(other, offset, one))
        assert on.dump(state) == anew.dump(other)


@pytest.mark.parametrize(
    "lines",
    [
        ["mon 08:00 form demo_request", "mon 10:00 call day logged=wed/10:00", "tue 09:00 created"],
        ["mon 08:00 deal 'demo deal=A", "tue 08:00 won 10 deal=A", "wed 09:00 step 'x deal=A deal_kind=renewal"],
    ],
)
def test_what_a_later_event_says_of_earlier_ones_is_heard(lines: list[str]) -> None:
    """When a record was made, and of what kind a deal is: then the lead is read anew."""
    events = events_of("\n".join(lines))
    on, changed = Journey(DEFINITION, many=1), []
    state = on.fresh(LEAD)
    for offset, event in enumerate(events):
        changed.append(list(on.apply(state, offset, message(offset, event.key, [event]))))
    said = fold([row for rows in changed for row in rows])
    anew = MAKER.rows(LEAD, events, {"n": Brought(events[0].occurred_at, frozenset(event.key for event in events))})
    assert said == anew
    before = {"obligations", "deals", "stage_entries"}
    assert any(row.table in before and row.key[-1] != events[-1].key for row in changed[-1]), "else it proves nothing"


def test_a_row_that_is_gone_is_said_again_on_redelivery() -> None:
    step = Journey(DEFINITION)
    state = step.fresh(LEAD)
    list(step.apply(state, 1, message(1, "form:1", events_of("mon 09:00 form content"))))
    gone = list(step.apply(state, 2, message(2, "form:1", None)))
    assert gone
    assert all(row.values is None for row in gone)
    state = step.load(step.dump(state))
    again = list(step.apply(state, 2, message(2, "form:1", None)))
    assert [(row.table, row.key, row.values) for row in again] == [(row.table, row.key, row.values) for row in gone]
    assert list(step.apply(state, 3, message(2, "form:1", None))) == []


@settings(deadline=None)
@given(JOURNEYS, st.integers(-10, 10))
def test_states_partition_time(events: list[LeadEvent], shift: int) -> None:
    order = {None: 0, "open": 1, "warned": 2, "leaking": 3, "met": 4, "recovered": 4, "lost": 4, "voided": 4}
    for (table, _), row in MAKER.rows(LEAD, events, {}).items():
        if table != "obligations":
            continue
        assert row["opened_at"] <= row["warn_at"] <= row["due_at"]
        assert row["met_at"] is None or row["ended_at"] is None
        assert (row["ended_at"] is not None) == (row["end_kind"] in ("lost", "voided"))
        assert (row["met_at"] is not None) == bool(row["met_by"])
        edges = [
            row[name] for name in ("opened_at", "warn_at", "due_at", "met_at", "ended_at") if row[name] is not None
        ]
        assert min(edges) == row["opened_at"]
        times = sorted({edge + delta for edge in edges for delta in (-1, 0, 1, shift * 3_600_000_000)})
        states = [state_at(row, time) for time in times]
        assert all((state is None) == (time < row["opened_at"]) for time, state in zip(times, states, strict=True))
        ranks = [order[state] for state in states]
        assert ranks == sorted(ranks)


@settings(deadline=None)
@given(JOURNEYS)
def test_stages_of_a_lead_are_one_way_through_time(events: list[LeadEvent]) -> None:
    rows = MAKER.rows(LEAD, events, {})
    entries = [(key[2], row) for (table, key), row in rows.items() if table == "stage_entries"]
    standing = [(stage, row) for stage, row in entries if not row["regressed"]]
    for (_, row), (following, after) in pairwise(standing):
        assert (row["left_at"], row["next"]) == (after["entered_at"], following)
        assert row["cycle"] <= after["cycle"] <= row["cycle"] + 1
    open_entries = [stage for stage, row in standing if row["left_at"] is None]
    lead = rows["leads", (LEAD,)]
    assert open_entries == ([] if lead["stage"] == "known" else [lead["stage"]])
    assert all(
        row["days_to_close"] is None or row["days_to_close"] >= 0
        for (table, _), row in rows.items()
        if table == "deals"
    )


def test_of_rows_that_are_gone_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journey, "MOST_GONE", 3)
    step = Journey(DEFINITION)
    state = step.fresh(LEAD)
    events = events_of("\n".join(f"mon 08:{minute:02} visit" for minute in range(10)))
    for offset, event in enumerate(events):
        list(step.apply(state, 2 * offset, message(2 * offset, event.key, [event])))
        assert len(fold(list(step.apply(state, 2 * offset + 1, message(2 * offset + 1, event.key, None))))) == 0
    assert len(state.emitted) == 3
