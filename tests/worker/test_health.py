"""What /livez and /readyz decide, from one look after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from streams.worker.health import Mark, Name, alive, marked, ready
from streams.worker.progress import Progress, Worked
from streams.worker.vitals import Lag, Left, Vitals

STUCK_AFTER = 300.0


def lane(
    committed: int | None, records: int | None, following: int | None = None, folds_until: int | None = None
) -> Lag:
    uncommitted = 0 if records is None else records
    return Lag(Progress("journey", "lead", 2, None, following, committed, Worked(), uncommitted, folds_until), records)


def seen(clock: float, *lags: Lag) -> Vitals:
    return Vitals(clock, assigned=4, recovered=True, lags=lags)


def after(looks: Iterable[Vitals]) -> tuple[bool, str]:
    """What /livez says at the last of these looks."""
    marks: dict[Name, Mark] = {}
    for now in looks:
        marks = marked(marks, now)
    answer = alive(marks, now, STUCK_AFTER)
    return answer.ok, str(answer.body.get("reason", ""))


def test_a_lane_with_work_that_commits_nothing_for_long_is_named() -> None:
    ok, reason = after([seen(0, lane(17, 5)), seen(299, lane(17, 5)), seen(301, lane(17, 9))])
    assert not ok
    assert reason == "journey[2] has committed nothing for 301 s: lead[2] at offset 17, 9 records behind"
    assert after([seen(0, lane(17, 5)), seen(299, lane(17, 5))])[0]


def test_also_one_that_never_committed() -> None:
    assert "lead[2] at offset none, 5 records behind" in after([seen(0, lane(None, 5)), seen(301, lane(None, 5))])[1]


def test_who_commits_lives_however_far_behind() -> None:
    assert after([seen(at, lane(at, 1_000_000)) for at in range(0, 3000, 100)])[0]


def test_who_has_nothing_to_do_lives_and_has_its_whole_time_for_what_comes() -> None:
    quiet = [seen(at, lane(17, 0)) for at in range(0, 3000, 100)]
    assert after(quiet)[0]
    assert after([*quiet, seen(3100, lane(17, 5))])[0]
    assert not after([*quiet, seen(3201, lane(17, 5))])[0]


def test_while_the_sink_is_away_nobody_is_stuck_and_afterwards_time_begins_anew() -> None:
    away = [replace(seen(at, lane(17, 5)), sink_away=float(at)) for at in range(0, 3000, 100)]
    assert after(away) == (True, "ClickHouse has been away for 2900 s")
    assert after([*away, seen(3100, lane(17, 5))])[0]
    assert not after([*away, seen(3300, lane(17, 5))])[0]


def test_folding_a_log_again_moves_a_lane_without_a_commit() -> None:
    folding = [seen(at, lane(9_999, 9_999 - at, following=at, folds_until=9_999)) for at in range(0, 3000, 100)]
    assert after(folding)[0]
    assert not after([seen(at, lane(9_999, 5, following=7, folds_until=9_999)) for at in (0, 301)])[0]
    assert not after([seen(at, lane(17, 5, following=20 + at, folds_until=17)) for at in (0, 301)])[0], "folded"


def test_recovery_lives_while_it_comes_nearer() -> None:
    def at(clock: int, left: int) -> Vitals:
        return replace(seen(clock, lane(17, 5)), recovered=False, left=(Left("journey", 2, left),))

    assert after([at(clock, 5000 - clock) for clock in range(0, 3000, 100)])[0]
    assert after([at(0, 70), at(301, 70)]) == (False, "recovery has stood still for 301 s with 70 records to go")


def test_a_lane_that_moved_away_is_forgotten() -> None:
    marks = marked({}, seen(0, lane(17, 5)))
    assert marked(marks, seen(1)).keys() == {("", 0)}


@pytest.mark.parametrize(
    ("now", "ok", "reason"),
    [
        (Vitals(0, None, recovered=False), False, "the group has not given any partitions yet"),
        (Vitals(0, 4, recovered=False), False, "a rebalance is under way"),
        (Vitals(0, 4, recovered=False, left=(Left("a", 0, 7), Left("b", 1, 5))), False, "recovering: 12 records to go"),
        (Vitals(0, 4, recovered=True, left=(Left("resolve", 0, 7),)), False, "recovering: 7 records to go"),
        (Vitals(0, 4, recovered=True, left=(Left("resolve", 0, 0),)), True, None),
        (Vitals(0, 0, recovered=True), True, None),  # more workers than partitions
    ],
)
def test_ready(now: Vitals, ok: bool, reason: str | None) -> None:
    answer = ready(now)
    assert (answer.ok, answer.body.get("reason")) == (ok, reason)
    assert answer.body["recovery"] == [one._asdict() for one in now.left if one.records]
