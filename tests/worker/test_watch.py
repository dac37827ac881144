"""What is counted and logged of what happens, and what is not."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from streams.model import Origin
from streams.worker.logs import Json, Text, unhandled
from streams.worker.progress import Progress, Worked
from streams.worker.vitals import InLane, Keys, Lag, Left, Vitals
from streams.worker.watch import REJECTS_EVERY, Watch

JANE = "jane@marker.example"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def value(watch: Watch, name: str, **labels: str) -> float:
    text = generate_latest(watch.metrics.registry).decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    (found,) = [one.value for one in samples if one.name == f"funnelwatch_{name}" and one.labels == labels]
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(clock: Clock, caplog: pytest.LogCaptureFixture) -> Watch:
    caplog.set_level(logging.DEBUG, "funnelwatch.worker")
    return Watch(["web.events", "lead"], clock)


def test_a_storm_of_poison_is_counted_whole_and_logged_in_two_lines(
    watch: Watch, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for offset in range(1000):
        watch.lane("sessionize", 2).refused(Origin("web.events", 2, offset, 1, JANE.encode(), b""), "not_avro")
    watch.tick()
    assert [one.getMessage() for one in caplog.records] == ["rejected: not_avro"]
    clock.now += REJECTS_EVERY
    watch.tick()
    assert caplog.messages[1:] == ["rejected: not_avro, 999 more within 10 s, the last one here"]
    assert (vars(caplog.records[1])["topic"], vars(caplog.records[1])["offset"]) == ("web.events", 999)
    clock.now += REJECTS_EVERY
    watch.tick()
    assert len(caplog.messages) == 2, "there is nothing new to say"
    assert value(watch, "rejects_total", topic="web.events", reason="not_avro") == 1000
    watch.refused("sessionize", Origin("web.events", 2, 5, 1, None, b""), "not_avro")
    assert len(caplog.messages) == 3, "the first one after a silence is told at once"


def test_a_topic_that_a_message_claims_to_come_from_is_no_label(watch: Watch) -> None:
    watch.refused("sessionize", Origin(JANE, 2, 5, 1, None, b""), "wrong_schema")
    assert value(watch, "rejects_total", topic="other", reason="wrong_schema") == 1


def test_a_flush_is_measured_from_point_to_point(watch: Watch, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    watch.now = lambda: 10_000_000
    lane, points = watch.lane("journey", 2), list[str]()
    reached = lane.reaching(points.append)
    for point, seconds in [("cut", 9.0), ("written", 31.0), ("begun", 0.5), ("sent", 2.0)]:
        clock.now += seconds
        reached(point)
    for point in ("logged", "committed", "stored"):
        clock.now += 0.25
        reached(point)
    outbox: Any = SimpleNamespace(sources=[0, 9_800_000, 9_900_000, 11_000_000], records=4)
    lane.flushed(outbox)

    assert points == ["cut", "written", "begun", "sent", "logged", "committed", "stored"]
    phases = {"written": 31.0, "begun": 0.5, "sent": 2.0, "logged": 0.25, "committed": 0.25, "stored": 0.25}
    for phase, seconds in phases.items():
        assert value(watch, "flush_phase_seconds_sum", step="journey", phase=phase) == seconds
    assert value(watch, "flush_seconds_sum", step="journey") == 34.25
    assert value(watch, "freshness_seconds_bucket", step="journey", le="0.1") == 2
    assert value(watch, "freshness_seconds_bucket", step="journey", le="0.25") == 3
    assert value(watch, "freshness_seconds_bucket", step="journey", le="5.0") == 3
    assert value(watch, "freshness_seconds_bucket", step="journey", le="+Inf") == 4
    assert value(watch, "freshness_seconds_count", step="journey") == 4
    assert caplog.messages == [
        "slow flush of 4 records: 34.2 s (written 31.0, begun 0.5, sent 2.0, logged 0.2, committed 0.2, stored 0.2)"
    ]


def test_inserts_are_measured_by_table(watch: Watch) -> None:
    watch.retried("leads")
    watch.inserted("leads", 7, 60.0)
    assert value(watch, "insert_retries_total", table="leads") == 1
    assert value(watch, "insert_rows_sum", table="leads") == 7
    assert value(watch, "insert_seconds_sum", table="leads") == 60


def test_what_is_read_at_the_moment_of_asking(watch: Watch) -> None:
    progress = Progress("journey", "lead", 2, None, 20, 17, Worked(9, 8, 7), 3, None)
    watch.vitals = lambda: Vitals(
        0,
        4,
        recovered=False,
        lags=(Lag(progress, 12), Lag(progress._replace(partition=3, committed=None), None)),
        lanes=(InLane("journey", 2, 1, 3, 2.5, 50, 5),),
        left=(Left("journey", 2, 70),),
        keys=(Keys("journey", 2, 1234),),
        sink_away=33.0,
    )
    topic = {"step": "journey", "topic": "lead", "partition": "2"}
    lane, table = {"step": "journey", "partition": "2"}, {"table": "journey", "partition": "2"}
    assert value(watch, "lag_records", **topic) == 12  # and none of partition 3, which nobody has looked at yet
    assert value(watch, "committed_offset", **topic) == 17
    assert [value(watch, name, **topic) for name in ("events_total", "messages_total", "rows_total")] == [9, 8, 7]
    of_lane = ("waiting_records", "uncommitted_records", "lag_seconds", "states_cached", "states_dirty")
    assert [value(watch, name, **lane) for name in of_lane] == [1, 3, 2.5, 50, 5]
    assert value(watch, "recovery_remaining_records", **table) == 70
    assert value(watch, "table_keys", **table) == 1234
    assert [value(watch, name) for name in ("in_recovery", "sink_away", "sink_away_seconds")] == [1, 1, 33]
    assert b"process_resident_memory_bytes" in generate_latest(watch.metrics.registry)


def looks_up(known: dict[str, int]) -> int:
    try:
        return known[JANE]
    except KeyError as error:
        raise ValueError(f"no {JANE}") from error


def stumble() -> BaseException:
    with pytest.raises(ValueError) as caught:
        looks_up({})
    return caught.value


@pytest.mark.parametrize("form", [Text, Json])
def test_the_last_line_names_the_record_and_the_code_and_no_value(
    watch: Watch, caplog: pytest.LogCaptureFixture, form: type[Text | Json]
) -> None:
    record: Any = SimpleNamespace(topic="lead", partition=2, offset=17, key=b"L0123456789abcdef", value=JANE.encode())
    watch.lane("journey", 2).stumbled(record)
    watch.died("journey[2]", stumble())
    line = form().format(caplog.records[0])
    assert "\n" not in line and "marker" not in line
    for said in (
        "journey[2] failed",
        "ValueError because of KeyError",
        "test_watch.py:",
        " looks_up",
        "L0123456789abcdef",
    ):
        assert said in line


def test_a_key_that_is_no_lead_id_is_not_told(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    record: Any = SimpleNamespace(topic="lead", partition=2, offset=17, key=JANE.encode(), value=b"")
    watch.lane("journey", 2).stumbled(record)
    watch.died("journey[2]", KeyError(JANE))
    told = json.loads(Json().format(caplog.records[0]))
    expected = {
        "level": "CRITICAL",
        "step": "journey",
        "partition": 2,
        "topic": "lead",
        "offset": 17,
        "error": "KeyError",
    }
    assert expected.items() <= told.items() and "lead" not in told


def test_what_a_library_says_of_an_exception_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    library = logging.getLogger("a.library")
    error = stumble()
    library.error("Crashed reason=%r\n again", error, exc_info=error, extra={"data": {"email": JANE}})
    library.error(error)
    library.error("%(who)s", {"who": error})
    library.warning("not reached: %s", ConnectionRefusedError(111, "Connection refused"))
    for form in (Text(), Json()):
        lines = [form.format(one) for one in caplog.records]
        assert not any("marker" in line or "\n" in line for line in lines)
        assert "Connection refused" in lines[-1]


def test_a_task_that_nobody_waited_for_is_told_without_its_result(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(unhandled)
        done: asyncio.Future[None] = loop.create_future()
        done.set_exception(stumble())
        del done

    asyncio.run(scenario())
    gc.collect()
    (line,) = [Text().format(one) for one in caplog.records]
    assert "exception was never retrieved; ValueError because of KeyError at" in line and "marker" not in line
