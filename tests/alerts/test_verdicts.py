"""The views that judge, on the real engine, against plain Python on made rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.client import Client
from sinks.live import promote
from sinks.reader import BoardsReader
from sinks.writer import Batch, Writer
from streams.journey.obligations import state_at
from streams.model import DAY, HOUR, MINUTE, SECOND, Micros
from streams.verdict import Data, Gap, judge
from tests.sinks.rows import values
from tests.support.clickhouse import LocalClickHouse

NOW = 1_790_000_000_000_000 // HOUR * HOUR + 20 * MINUTE
WEEK_HOURS = 168
KIND = {"session": "web", "form_submitted": "form"}
generations = count(70_001)


@pytest.fixture(scope="module")
def client(clickhouse: LocalClickHouse) -> Iterator[Client]:
    client = clickhouse.client()
    yield client
    client.close()


def source(instants: list[Micros]) -> tuple[float | None, float, bool]:
    """Usual gap and silence in seconds, in its active hours, and whether that is silent: the rule, second by second."""
    said = sorted({at for at in instants if NOW - 30 * DAY < at <= NOW})
    active = {at // HOUR % WEEK_HOURS for at in said}

    def awake(begin: Micros, end: Micros) -> Micros:
        total = 0
        for hour in range(begin // HOUR, end // HOUR + 1):
            if hour % WEEK_HOURS in active:
                total += max(0, min(end, (hour + 1) * HOUR) - max(begin, hour * HOUR))
        return total

    silent = awake(said[-1], NOW)
    if len(said) < 20:
        return None, silent / SECOND, False
    gaps = sorted(awake(*pair) for pair in pairwise(said))
    usual = gaps[int(0.99 * len(gaps))]
    return usual / SECOND, silent / SECOND, silent > max(15 * MINUTE, 3 * usual)


# Some that speak all day, and some that do on weekdays only.
rhythms = st.builds(
    lambda every, jitter, off, silence, length: [
        at + (index * 7919 % jitter if jitter else 0)
        for index, at in enumerate(range(NOW - silence - length, NOW - silence + 1, every))
        if not off or (at // DAY) % 7 not in (2, 3)
    ],
    st.sampled_from([5 * MINUTE, 40 * MINUTE, 3 * HOUR]),
    st.sampled_from([0, MINUTE]),
    st.booleans(),
    st.sampled_from([0, MINUTE, 14 * MINUTE, 16 * MINUTE, 100 * MINUTE, 4 * HOUR, 13 * HOUR, 3 * DAY, 31 * DAY]),
    st.sampled_from([0, 2 * HOUR, 5 * DAY, 35 * DAY]),
)
moments = st.integers(-400, 400).map(lambda tens: NOW + tens * 10 * MINUTE)
maybe = st.none() | moments
obligations = st.lists(
    st.tuples(moments, maybe, maybe, st.sampled_from(["sales", "marketing", "operations", "data"])), max_size=30
)


def written(client: Client, said: dict[tuple[str, str], list[Micros]], owed: list[Any], until: list[Micros]) -> None:
    generation = next(generations)
    promote(client, generation)
    batch = Batch()
    for (name, kind), instants in said.items():
        for number, at in enumerate(instants):
            row = values("lead_events", source=name, type=kind, occurred_at=at - DAY, recorded_at=at)
            batch.add("lead_events", (f"L{number % 3}", f"{name} {kind} {at}"), row, 1, at)
    for number, row in enumerate(owed):
        batch.add("obligations", (f"L{number}", "untouched", "c"), row, 1, NOW)
    for partition, as_of in enumerate(until):
        batch.add("progress", ("journey", "t", partition), values("progress", as_of=as_of, at=NOW), NOW, NOW)
    Writer(client, generation).write(batch)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["salesforce", "hubspot"]), st.sampled_from(["session", "form_submitted", "won"])),
        rhythms.filter(bool),
        max_size=4,
    ),
    obligations,
    st.lists(st.integers(-300, 0).map(lambda minutes: NOW + minutes * MINUTE), max_size=2),
)
def test_the_views_say_what_the_rules_say(
    clickhouse: LocalClickHouse,
    client: Client,
    said: dict[tuple[str, str], list[Micros]],
    owed: list[Any],
    until: list[Micros],
) -> None:
    rows = [
        values(
            "obligations",
            opened_at=due - DAY,
            warn_at=due - HOUR,
            due_at=due,
            met_at=met,
            ended_at=ended,
            end_kind="lost",
            owed_by=by,
            owner="ann",
        )
        for due, met, ended, by in owed
    ]
    written(client, said, rows, until)
    reader = BoardsReader(clickhouse.boards_url)
    at = {"at": datetime.fromtimestamp(NOW / SECOND, UTC)}

    found = {
        (name, brings): (int(last), usual, silent, bool(is_silent))
        for name, brings, last, usual, silent, is_silent in reader.query(
            "SELECT source, brings, toUnixTimestamp64Micro(last_event_at), usual_gap_s, silent_s, is_silent"
            " FROM sources_as_of(at = {at:DateTime64(6, 'UTC')})",
            at,
        ).rows
    }
    heard = {
        (name, KIND.get(kind, "crm")): instants
        for (name, kind), instants in said.items()
        if any(NOW - 30 * DAY < one <= NOW for one in instants)
    }
    expected = {
        where: (max(one for one in instants if one <= NOW), *source(instants)) for where, instants in heard.items()
    }
    assert found == expected

    silent = tuple(
        Gap(name, last) for (name, brings), (last, _, _, is_silent) in found.items() if brings == "crm" and is_silent
    )
    data = Data(min(until, default=None), silent)
    leaking = {
        f"L{number}": judge(row["owed_by"], row["due_at"], data)
        for number, row in enumerate(rows)
        if state_at(row, NOW) == "leaking"
    }
    judged = {
        lead: (verdict, why)
        for lead, verdict, why in reader.query(
            "SELECT lead_id, verdict, why FROM verdicts_as_of(at = {at:DateTime64(6, 'UTC')})", at
        ).rows
    }
    assert judged == leaking
    reader.close()


def test_a_night_and_a_weekend_are_no_silence(clickhouse: LocalClickHouse, client: Client) -> None:
    """Five minutes between events from nine to five, Monday to Friday; asked on Monday before and after nine."""
    monday = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * SECOND
    instants = [
        monday - day * DAY + hour * HOUR + minute * MINUTE
        for day in range(1, 29)
        if day % 7 not in (1, 2)
        for hour in range(9, 17)
        for minute in range(0, 60, 5)
    ]
    written(client, {("crm", "won"): instants}, [], [])
    reader = BoardsReader(clickhouse.boards_url)
    asked = "SELECT usual_gap_s, silent_s, is_silent FROM sources_as_of(at = {at:DateTime64(6, 'UTC')})"
    for at, silent, is_silent in ((8 * 60, 300.0, 0), (9 * 60 + 5, 600.0, 0), (9 * 60 + 30, 2100.0, 1)):
        moment = datetime.fromtimestamp((monday + at * MINUTE) / SECOND, UTC)
        assert reader.query(asked, {"at": moment}).rows == [(300.0, silent, is_silent)]
    reader.close()


def test_three_usual_gaps_are_silence(clickhouse: LocalClickHouse, client: Client) -> None:
    written(client, {("crm", "won"): [NOW - number * 40 * MINUTE for number in range(360)]}, [], [])
    reader = BoardsReader(clickhouse.boards_url)
    asked = "SELECT is_silent FROM sources_as_of(at = {at:DateTime64(6, 'UTC')})"
    for minutes, is_silent in ((119, 0), (121, 1)):
        assert reader.query(asked, {"at": datetime.fromtimestamp(NOW / SECOND + minutes * 60, UTC)}).rows == [
            (is_silent,)
        ]
    reader.close()
