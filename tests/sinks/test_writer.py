from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.checksum import checksum
from sinks.client import Client, SinkError
from sinks.writer import ROWS_PER_INSERT, Batch, Writer, WrongColumns
from tests.sinks.rows import DAY, T0, values
from tests.support.clickhouse import LocalClickHouse, running_clickhouse

LEAD = values("leads", stage="mql", channel="paid", began_at=T0, stage_since=T0, last_event_at=T0)


def test_the_highest_revision_of_a_key_wins_in_a_batch_and_among_batches(client: Client, generation: int) -> None:
    writer = Writer(client, generation)
    batch = Batch()
    batch.add("leads", ("L1",), LEAD | {"stage": "sal"}, revision=7, source_at=T0)
    batch.add("leads", ("L1",), LEAD, revision=5, source_at=T0)
    batch.add("leads", ("L2",), LEAD, revision=1, source_at=T0)
    assert len(batch) == 2
    writer.write(batch)
    older = Batch()
    older.add("leads", ("L1",), LEAD, revision=6, source_at=T0)
    writer.write(older)
    rows = client.query("SELECT lead_id, stage FROM boards.leads ORDER BY lead_id").result_rows
    assert rows == [("L1", "sal"), ("L2", "mql")]


def test_a_tombstone_withdraws_a_row_and_a_newer_row_brings_it_back(client: Client, generation: int) -> None:
    writer = Writer(client, generation)
    for revision, content in ((1, LEAD), (3, None), (2, LEAD), (4, LEAD)):
        batch = Batch()
        batch.add("leads", ("L1",), content, revision, T0)
        writer.write(batch)
        shown = client.query("SELECT count() FROM boards.leads").result_rows[0][0]
        assert shown == (0 if revision in (2, 3) else 1)


def test_times_and_nulls_arrive_to_the_microsecond(client: Client, generation: int) -> None:
    batch = Batch()
    for name, met in (("a", None), ("b", T0 + 1), ("c", 0), ("d", None)):
        batch.add("obligations", ("L1", "untouched", name), values("obligations", opened_at=T0, met_at=met), 1, T0)
    batch.add("deals", ("L1", "D1"), values("deals", days_to_close=None, created_at=T0), 1, T0)
    Writer(client, generation).write(batch)
    rows = client.query(
        "SELECT cause, toUnixTimestamp64Micro(opened_at), toUnixTimestamp64Micro(met_at) FROM facts.obligations"
        f" WHERE generation = {generation} ORDER BY cause"
    ).result_rows
    assert rows == [("a", T0, None), ("b", T0, T0 + 1), ("c", T0, 0), ("d", T0, None)]
    assert client.query("SELECT days_to_close FROM boards.deals").result_rows == [(None,)]


def test_more_rows_than_one_insert_takes(client: Client, generation: int) -> None:
    batch = Batch()
    for number in range(ROWS_PER_INSERT + 5):
        batch.add("touches", (f"L{number}", "c"), values("touches", occurred_at=T0), 1, T0)
    Writer(client, generation).write(batch)
    assert client.query("SELECT count() FROM boards.touches").result_rows == [(ROWS_PER_INSERT + 5,)]


def test_progress_replaces_itself(client: Client, generation: int) -> None:
    for at in (1, 2):
        batch = Batch()
        row = values("progress", as_of=T0 + at, lag=at, at=T0 + at)
        batch.add("progress", ("journey", "lead.events", 0), row, at, T0)
        Writer(client, generation).write(batch)
    assert client.query("SELECT lag FROM boards.progress").result_rows == [(2,)]


def test_wrong_columns_are_named() -> None:
    batch = Batch()
    bad = values("touches")
    bad["campain"] = bad.pop("campaign")
    with pytest.raises(WrongColumns, match=r"touches: missing \['campaign'\], not declared \['campain'\]"):
        batch.add("touches", ("L", "c"), bad, 1, T0)
    with pytest.raises(WrongColumns, match=r"not declared \['more'\]"):
        batch.add("touches", ("L", "c"), values("touches") | {"more": 1}, 1, T0)
    with pytest.raises(WrongColumns, match="no such table"):
        batch.add("toches", ("L", "c"), values("touches"), 1, T0)
    with pytest.raises(WrongColumns, match="is not \\(lead_id, cause\\)"):
        batch.add("touches", ("L",), values("touches"), 1, T0)
    with pytest.raises(WrongColumns, match="no tombstones"):
        batch.add("progress", ("s", "t", 0), None, 1, T0)


@pytest.mark.parametrize("wrong", [{"occurred_at": "yesterday?"}, {"occurred_at": None}, {"campaign": None}])
def test_a_value_of_a_wrong_type_is_not_tried_again(client: Client, generation: int, wrong: dict[str, object]) -> None:
    batch = Batch()
    batch.add("touches", ("L", "b"), values("touches", occurred_at=T0), 1, T0)
    batch.add("touches", ("L", "c"), values("touches") | wrong, 1, T0)
    writer = Writer(client, generation)
    with pytest.raises(SinkError, match=r"^touches: ") as caught:
        writer.write(batch)
    assert not caught.value.retryable
    assert writer.retries == 0
    assert client.query("SELECT count() FROM boards.touches").result_rows == [(0,)]


@pytest.fixture
def own_clickhouse(tmp_path: Path) -> Iterator[LocalClickHouse]:
    with running_clickhouse(tmp_path / "data") as server:
        yield server


def test_a_killed_clickhouse_is_waited_for_and_nothing_is_lost_or_doubled(own_clickhouse: LocalClickHouse) -> None:
    client = own_clickhouse.client()
    writer = Writer(client, 1)
    first = Batch()
    first.add("leads", ("L1",), LEAD, 1, T0)
    writer.write(first)
    own_clickhouse.kill()

    second = Batch()
    for number in range(50):
        second.add("leads", (f"L{number}",), LEAD, 2, T0)
    thread = threading.Thread(target=writer.write, args=(second,))
    thread.start()
    own_clickhouse.start()
    thread.join(timeout=60)
    assert not thread.is_alive()
    assert writer.retries > 0
    assert checksum(client, 1)["leads"][0] == 50
    client.close()


def test_a_deadline_ends_the_waiting(own_clickhouse: LocalClickHouse) -> None:
    client = own_clickhouse.client()
    own_clickhouse.stop()
    batch = Batch()
    batch.add("leads", ("L1",), LEAD, 1, T0)
    with pytest.raises(SinkError, match=r"^leads: ") as caught:
        Writer(client, 1, deadline_s=0.3).write(batch)
    assert caught.value.retryable
    waiting = Writer(client, 1, deadline_s=600)
    waiting.stop()
    with pytest.raises(SinkError):
        waiting.write(batch)
    client.close()


def test_the_checksum_sees_content_only(client: Client, generation: int) -> None:
    def write(generation: int, revision: int, stage: str, source_at: int) -> tuple[int, int]:
        batch = Batch()
        batch.add("leads", ("L1",), LEAD | {"stage": stage}, revision, source_at)
        batch.add("rejects", ("web.events", 0, source_at), values("rejects", reason="not_avro"), revision, source_at)
        Writer(client, generation).write(batch)
        return checksum(client, generation)["leads"]

    base = 1_000_000 + generation * 10
    one = write(base, 1, "mql", T0)
    assert write(base + 1, 9, "mql", T0 + DAY) == one
    assert checksum(client, base)["rejects"] == checksum(client, base + 1)["rejects"]
    assert write(base, 2, "sal", T0) != one
    assert checksum(client, 4_000_000_000)["leads"] == (0, 0)


def test_joined_batches_keep_the_highest_revision_of_a_key() -> None:
    def batch(*rows: tuple[str, int]) -> Batch:
        made = Batch()
        for reason, revision in rows:
            values = {"reason": reason, "detail": "", "appended_at": 0}
            made.add("rejects", ("t", 0, 1), values, revision, 0)
        made.add("rejects", ("t", 0, len(rows) + 10), {"reason": "other", "detail": "", "appended_at": 0}, 1, 0)
        return made

    joined = Batch()
    for each in (batch(("newer", 5)), batch(("older", 3), ("old", 4))):
        joined.take(each, "rejects")
    (columns,) = joined.columns("rejects", generation=1)
    reasons = dict(zip(columns[3], columns[4], strict=True))
    assert reasons == {1: "newer", 11: "other", 12: "other"}
