"""The views against a slow computation in plain Python, on made rows."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sinks.client import Client
from sinks.clock import set_clock
from sinks.writer import Batch, Writer
from tests.sinks.rows import DAY, HOUR, SECOND, T0, values

Row = dict[str, Any]
STAGES = ["inquiry", "mql", "sal", "sql", "opportunity", "customer"]
CHANNELS = ["paid_search", "direct", ""]
VIEWS = (
    "leads lead_details stage_entries obligations touches visitors activities deals rejects identity_links closed_loop"
    " identities identity_changes visits"
    " leak_rate data_as_of lead_events lead_identifiers progress sources verdicts"
)


def day(micros: int) -> date:
    return datetime.fromtimestamp(micros // SECOND, UTC).date()


def ask(client: Client, sql: str, **parameters: Any) -> list[Row]:
    return list(client.query(sql, parameters=parameters or None).named_results())


@pytest.mark.usefixtures("generation")
@pytest.mark.parametrize("view", VIEWS.split())
def test_a_view_over_nothing_is_empty(client: Client, view: str) -> None:
    assert ask(client, f"SELECT * FROM boards.{view}") == []


def test_before_any_promotion_the_boards_are_empty(client: Client, generation: int) -> None:
    batch = Batch()
    batch.add("leads", ("L1",), values("leads", began_at=T0), 1, T0)
    Writer(client, generation + 9000).write(batch)
    assert ask(client, "SELECT * FROM boards.leads") == []


def some_obligations(luck: random.Random) -> list[Row]:
    rows = []
    for number in range(400):
        opened = T0 + luck.randrange(5 * DAY)
        due = opened + luck.choice([0, HOUR, DAY])
        moments = [None, None, opened, due, due + 1, opened + luck.randrange(2 * DAY)]
        met, ended = luck.choice(moments), luck.choice(moments)
        rows.append(
            values(
                "obligations",
                opened_at=opened,
                warn_at=opened + (due - opened) * 3 // 4,
                due_at=due,
                met_at=met,
                ended_at=met if met and luck.random() < 0.2 else ended,
                end_kind=luck.choice(["lost", "voided"]) if ended or met else "",
                owed_by=luck.choice(["sales", "marketing"]),
                owner=luck.choice(["ann", "bob"]),
                channel=luck.choice(CHANNELS),
                met_by="event" if met else "",
                rolling=int(number % 7 == 0),
            )
        )
    return rows


def state(row: Row, t: int) -> str:
    """Design section 6, word by word."""
    met = row["met_at"] if row["met_at"] is not None and row["met_at"] <= t else None
    ended = row["ended_at"] if row["ended_at"] is not None and row["ended_at"] <= t else None
    if met is not None and (ended is None or met <= ended):
        return "met" if met <= row["due_at"] else "recovered"
    if ended is not None:
        return "voided" if row["end_kind"] == "voided" else "lost"
    if t >= row["due_at"]:
        return "leaking"
    return "warned" if t >= row["warn_at"] else "open"


def test_obligations_have_their_state_at_any_time(client: Client, generation: int) -> None:
    luck = random.Random(7)
    rows = some_obligations(luck)
    batch = Batch()
    for number, row in enumerate(rows):
        batch.add("obligations", (f"L{number}", "untouched", "c"), row, 1, T0)
    Writer(client, generation).write(batch)
    moments = {T0 - 1, T0 + 30 * DAY, *(T0 + luck.randrange(7 * DAY) for _ in range(5))}
    for row in luck.sample(rows, 8):
        for moment in (row["opened_at"], row["warn_at"], row["due_at"], row["met_at"], row["ended_at"]):
            if moment is not None:
                moments |= {moment - 1, moment, moment + 1}
    for t in moments:
        expected = {f"L{n}": state(row, t) for n, row in enumerate(rows) if row["opened_at"] <= t}
        at = datetime.fromtimestamp(t // SECOND, UTC).replace(microsecond=t % SECOND)
        found = ask(
            client,
            "SELECT * FROM boards.obligations_as_of(at = {at:DateTime64(6, 'UTC')})",
            at=at.strftime("%Y-%m-%d %H:%M:%S.%f"),
        )
        assert {row["lead_id"]: row["state"] for row in found} == expected
        assert all(row["met_at"] is None or row["met_at"] <= at for row in found)
        assert all(row["ended_at"] is None or row["ended_at"] <= at for row in found)
        assert all((row["met_by"] != "") == (row["state"] in ("met", "recovered")) for row in found)


def test_obligations_follow_the_boards_clock(client: Client, generation: int) -> None:
    batch = Batch()
    row = values("obligations", opened_at=T0, warn_at=T0 + HOUR, due_at=T0 + 2 * HOUR)
    batch.add("obligations", ("L1", "untouched", "c"), row, 1, T0)
    Writer(client, generation).write(batch)
    for moment, expected in ((T0 - 1, None), (T0, "open"), (T0 + HOUR, "warned"), (T0 + 2 * HOUR, "leaking")):
        set_clock(client, 0, moment, 0.0)
        assert [r["state"] for r in ask(client, "SELECT state FROM boards.obligations")] == [expected] * bool(expected)
        rates = ask(client, "SELECT due, leaking, open, warned FROM boards.leak_rate")
        assert sum(r[expected] for r in rates if expected) == bool(expected)
        assert sum(r["due"] for r in rates) == (expected == "leaking")


def test_leak_rate_counts_what_was_due(client: Client, generation: int) -> None:
    rows = some_obligations(random.Random(11))
    batch = Batch()
    for number, row in enumerate(rows):
        batch.add("obligations", (f"L{number}", f"kind{number % 3}", "c"), row, 1, T0)
    Writer(client, generation).write(batch)
    now = T0 + 3 * DAY
    set_clock(client, 0, now, 0.0)
    expected: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for number, row in enumerate(rows):
        if row["opened_at"] > now:
            continue
        one = state(row, now)
        group = expected[(day(row["due_at"]), f"kind{number % 3}", row["owed_by"], row["owner"], row["channel"])]
        past = row["due_at"] <= now
        group["due"] += past and one != "voided"
        group[one] += past or one not in ("met", "lost")
    found = ask(
        client,
        "SELECT day, kind, owed_by, owner, channel, sum(due) AS due, sum(leaking) AS leaking, sum(lost) AS lost,"
        " sum(recovered) AS recovered, sum(met) AS met, sum(open) AS open, sum(warned) AS warned, sum(voided) AS voided"
        " FROM boards.leak_rate GROUP BY day, kind, owed_by, owner, channel",
    )
    names = ["due", "leaking", "recovered", "lost", "met", "open", "warned", "voided"]
    assert {
        (r["day"], r["kind"], r["owed_by"], r["owner"], r["channel"]): [r[name] for name in names] for r in found
    } == {key: [counts[name] for name in names] for key, counts in expected.items()}
    assert all(r["due"] == r["leaking"] + r["recovered"] + r["lost"] + r["met"] for r in found)


def test_the_closed_loop_counts_each_lead_once_per_stage(client: Client, generation: int) -> None:
    luck = random.Random(3)
    batch = Batch()
    expected: dict[tuple[date, str, str], Counter[str]] = defaultdict(Counter)
    for number in range(300):
        lead, began, channel = f"L{number}", T0 + luck.randrange(40 * DAY), luck.choice(CHANNELS)
        batch.add("leads", (lead,), values("leads", began_at=began, channel=channel), 1, T0)
        entries = sorted((began + luck.randrange(9 * DAY), luck.choice(STAGES)) for _ in range(luck.randrange(5)))
        highest, ranks = -1, []
        for index, (at, stage) in enumerate(entries):
            rank = STAGES.index(stage)
            regressed = rank < highest
            if not regressed:
                ranks.append(rank)
                highest = rank
            row = values("stage_entries", entered_at=at, began_at=began, regressed=int(regressed))
            batch.add("stage_entries", (lead, f"c{index}", stage), row, 1, T0)
        for side in ("visitor", "nurture"):
            batch.add("stage_entries", (lead, side, side), values("stage_entries", entered_at=began - 1), 1, T0)
        first = STAGES[ranks[0]] if ranks else ""
        group = expected[(day(began), channel, first)]
        group["leads"] += 1
        if ranks:
            group.update(STAGES[ranks[0] : ranks[-1] + 1])
        for deal in range(luck.randrange(3)):
            status, kind = luck.choice(["won", "open", "lost"]), luck.choice(["new_business", "renewal"])
            closed = None if status == "open" else T0
            row = values("deals", status=status, kind=kind, amount=float(deal + 1), currency="EUR", created_at=T0)
            row["closed_at"] = closed
            batch.add("deals", (lead, f"D{deal}"), row, 1, T0)
            group["revenue"] += (deal + 1) * (status == "won" and kind == "new_business")
    nobodys = values("deals", status="won", kind="new_business", amount=1e6, created_at=T0, closed_at=T0)
    batch.add("deals", ("", "D"), nobodys, 1, T0)
    for number in range(100):
        channels = [luck.choice(CHANNELS) for _ in range(2)]
        for session, channel in enumerate(channels):
            row = values("visits", started_at=T0 + number * HOUR + session, ended_at=T0, channel=channel, pages=2)
            batch.add("visits", (f"d{number}", f"s{session}"), row, 1, T0)
        expected[(day(T0 + number * HOUR), channels[0], "")]["visitors"] += 1
    Writer(client, generation).write(batch)
    set_clock(client, 0, T0 + 60 * DAY, 0.0)

    names = ["visitors", "leads", *STAGES, "revenue"]
    columns = ["visitors", "leads", "inquiries", "mql", "sal", "sql", "opportunities", "customers", "revenue"]
    found = ask(client, "SELECT * FROM boards.closed_loop")
    assert {(r["day"], r["channel"], r["first_stage"]): [r[c] for c in columns] for r in found} == {
        key: [counts[name] for name in names] for key, counts in expected.items()
    }
    assert {r["month"] for r in found} == {r["day"].replace(day=1) for r in found}
    assert {r["currencies"] for r in found if r["revenue"]} == {"EUR"}


def test_a_visitor_is_a_device(client: Client, generation: int) -> None:
    batch = Batch()
    for number, ownership in enumerate(["anonymous", "shared", "identified"]):
        row = values(
            "visits",
            started_at=T0 + number,
            ended_at=T0 + HOUR + number,
            pages=2,
            channel=f"ch{number}",
            country="BR",
            ownership=ownership,
        )
        batch.add("visits", ("d1", f"s{number}"), row, 1, T0)
    Writer(client, generation).write(batch)
    (one,) = ask(client, "SELECT * EXCEPT (first_seen, last_seen) FROM boards.visitors")
    assert one == {
        "anonymous_id": "d1",
        "sessions": 3,
        "pages": 6,
        "channel": "ch0",
        "country": "BR",
        "ownership": "shared",
    }


def test_data_is_as_old_as_the_slowest_hop(client: Client, generation: int) -> None:
    batch = Batch()
    for partition, (step, as_of) in enumerate([("sessionize", T0 + 5 * SECOND), ("journey", T0), ("journey", T0 + 9)]):
        row = values("progress", as_of=as_of, lag=partition, at=T0)
        batch.add("progress", (step, "topic", partition), row, T0, T0)
    batch.add("lead_events", ("L1", "c"), values("lead_events", occurred_at=T0, source="crm"), 1, T0)
    Writer(client, generation).write(batch)
    set_clock(client, 0, T0 + 60 * SECOND, 0.0)
    rows = {(r["scope"], r["name"]): r for r in ask(client, "SELECT * FROM boards.data_as_of")}
    assert set(rows) == {("all", ""), ("hop", "sessionize"), ("hop", "journey"), ("source", "crm")}
    start = datetime.fromtimestamp(T0 // SECOND, UTC)
    assert rows["all", ""]["as_of"] == rows["hop", "journey"]["as_of"] == start
    assert rows["all", ""]["lag"] == 3
    assert rows["source", "crm"]["last_event_at"] == start
    assert rows["source", "crm"]["age_s"] == 60
