"""funnelwatch rejects list, show and retry: of refused messages put in by hand, and the whole story with a worker."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, closing
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from deploy.cli import run
from deploy.rejects import send
from deploy.rejects.boards import Which, chosen
from deploy.rejects.kept import Kept
from deploy.rejects.place import Place
from deploy.settings import load
from schemas import catalog
from schemas.codec import Codec, subject
from schemas.registry import ASK_AGAIN_SECONDS
from sinks.reader import BoardsReader
from sinks.writer import Batch, Writer
from streams.judge import LATEST
from streams.model import DAY, HOUR
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company, company_on
from tests.support.kafka import TestBroker, consume, produce
from tests.support.schema_registry import FIRST_ID, serving

AT = 1_700_000_000_000_000
CODEC = Codec(None)


def page(device: str, at: int = AT, codec: Codec = CODEC) -> bytes:
    record = {"event_id": device, "source": "site", "occurred_at": at, "type": "page_view", "anonymous_id": device}
    return codec.encode("events/web", record)


class Told:
    """A command's exit code and what it printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Command = Callable[..., Told]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    """command(company, *arguments): `funnelwatch rejects ARGUMENTS`."""

    def told(company: Company, *arguments: str) -> Told:
        for name, value in company.environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        with chdir(tmp_path):  # where no `up` has left its settings
            code = run(["rejects", *arguments])
        return Told(code, *capsys.readouterr())

    return told


class Refusals:
    """Puts refused messages where the worker would."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._offset = 0
        self._producer = Producer({"bootstrap.servers": company.broker.bootstrap_servers})
        self._client = company.clickhouse.client()

    def put(
        self,
        reason: str,
        value: bytes | None,
        topic: str = "web",
        at: int = AT,
        key: bytes | None = b"k",
        written_ms: int = 0,
    ) -> Place:
        """written_ms: when its bytes were written; 0: now."""
        name = self.company.topics.get(topic, topic)
        self._offset += 1
        place = Place(name, 1, self._offset)
        where = {"topic": name, "partition": 1, "offset": self._offset, "appended_at": at}
        record = CODEC.encode(
            "internal/rejected", {"reason": reason, "detail": "why", "key": key, "value": value} | where
        )
        internal = name.startswith("funnelwatch.")
        kept = f"funnelwatch.g{self.company.generation}.rejected" if internal else f"{name}.rejected"
        if internal or name in self.company.topics.values():
            self._producer.produce(kept, record, partition=0, timestamp=written_ms)
        assert self._producer.flush(30) == 0
        batch = Batch()
        batch.add("rejects", tuple(place), {"reason": reason, "detail": "why", "appended_at": at}, place.offset, at)
        Writer(self._client, self.company.generation).write(batch)
        return place


@pytest.fixture
def company(kafka: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path) -> Iterator[Company]:
    """Without a worker."""
    with company_on(kafka, clickhouse, tmp_path) as made:
        yield made


@pytest.mark.parametrize("name", ["list", "show", "retry"])
def test_every_help_has_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rejects", name, "--help"]) == 0
    assert f"funnelwatch rejects {name}" in " ".join(capsys.readouterr().out.split("Example:")[1].split())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["show"], 2, "Missing argument 'TOPIC/PARTITION/OFFSET'"),
        (["show", "web.events"], 1, "web.events: no place of a message; they are TOPIC/PARTITION/OFFSET"),
        (["show", "web.events/0/-1"], 1, "no place of a message"),
        (["list", "--since", "soon"], 2, "--since='soon': must be a duration"),
        (["list", "--reason", "bad"], 2, "--reason bad: there are empty_value, not_avro"),
        (["retry"], 2, "KAFKA_BOOTSTRAP_SERVERS is not set"),
        (["retry", "web.events/0/1", "--limit", "2"], 2, "not both"),
    ],
)
def test_errors_are_one_line(
    arguments: list[str],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["rejects", *arguments]) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("funnelwatch: ")
    assert error.count("\n") == 1


def test_list_counts_or_names_them(company: Company, command: Command) -> None:
    refusals, now = Refusals(company), time.time_ns() // 1000
    assert json.loads(command(company, "list", "--format", "json").out) == []
    old = refusals.put("not_avro", b"x", at=now - 2 * DAY)
    new = [refusals.put("not_avro", b"x", at=now - HOUR + n) for n in range(3)]
    other = refusals.put("too_large", b"x", topic="crm", at=now)
    counted = json.loads(command(company, "list", "--format", "json").out)
    web, crm = company.topics["web"], company.topics["crm"]
    assert [(row["topic"], row["reason"], row["open"], row["retried"]) for row in counted] == [
        (crm, "too_large", 1, 0),
        (web, "not_avro", 4, 0),
    ]
    assert counted[1]["first"] < counted[1]["last"]

    def named(*arguments: str) -> set[str]:
        return {row["place"] for row in json.loads(command(company, "list", "--format", "json", *arguments).out)}

    assert named("--reason", "not_avro") == {str(each) for each in [old, *new]}
    assert named("--topic", crm) == {str(other)}
    assert named("--since", "2h", "--reason", "not_avro") == {str(each) for each in new}
    limited = command(company, "list", "--limit", "1", "--format", "csv")
    assert limited.out.startswith("place,reason,detail,appended_at,refused_at,retried_at\n")
    assert limited.out.count("\n") == 2
    assert limited.err == "4 more; --limit 5 shows all\n"
    assert "not_avro" in command(company, "list").out


def test_show_says_what_can_be_read(company: Company, command: Command) -> None:
    refusals = Refusals(company)
    told = command(company, "show", str(refusals.put("impossible_time", page("dev", AT))))
    assert told.code == 0, told.err
    for part in ("impossible_time: why", 'key        "k"', "funnelwatch.WebEvent", 'anonymous_id = "dev"', "not yet"):
        assert part in told.out
    assert f"occurred_at = {AT}  (2023-11-14 22:13" in told.out
    garbage = command(company, "show", str(refusals.put("not_avro", b"\xefgarbage\n", key=b"\xff")))
    assert "9 bytes\n" in garbage.out
    assert re.search(r"0000  ef 67 61 72 62 61 67 65 0a +\.garbage\.", garbage.out)
    assert "1 bytes, no UTF-8: ff" in garbage.out
    large = command(company, "show", str(refusals.put("too_large", b"\x00" * 100_001))).out
    assert "100001 bytes\n" in large
    assert "99745 bytes more" in large
    assert "value      none" in command(company, "show", str(refusals.put("empty_value", None, key=None))).out
    own = refusals.put("not_avro", b"?", topic=f"funnelwatch.g{company.generation}.identity")
    assert "?" in command(company, "show", str(own)).out


def test_what_is_not_there_is_named(company: Company, command: Command) -> None:
    refusals, web = Refusals(company), company.topics["web"]
    never = command(company, "show", f"{web}/0/99")
    assert (never.code, never.out) == (1, "")
    assert f"{web}/0/99 was never refused" in never.err
    place = refusals.put("not_avro", b"x")
    admin = AdminClient({"bootstrap.servers": company.broker.bootstrap_servers})
    everything = [TopicPartition(f"{web}.rejected", 0, -1)]
    for future in admin.delete_records(everything).values():
        future.result(30)
    gone = command(company, "show", str(place))
    assert gone.code == 1
    assert f"refused (not_avro: why), but {web}.rejected does not hold it any more" in gone.err
    assert gone.err.count("\n") == 1
    assert f"{place}: its bytes are not kept any more" in command(company, "retry", str(place)).out


def test_a_refused_message_is_not_looked_for_from_the_beginning(company: Company) -> None:
    refusals, long_ago = Refusals(company), time.time_ns() // 1_000_000 - 30 * 86_400_000
    misplaced = refusals.put("not_avro", b"x", written_ms=long_ago)  # as if the clocks were far apart
    for _ in range(30):
        refusals.put("not_avro", b"x", written_ms=long_ago)
    last = refusals.put("not_avro", b"y")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in company.environment.items():
            patch.setenv(name, value)
        settings = load()
    with (
        closing(BoardsReader(settings.boards_address)) as reader,
        closing(Kept(settings, CODEC, last.topic)) as kept,
    ):
        told: list[tuple[int, int]] = []
        known = chosen(reader, Which([last]))
        assert [record["value"] for _, record in kept.find(known, lambda *done: told.append(done))] == [b"y"]
        assert told == [(1, 1)], "nothing else was looked at"
        told.clear()
        known = chosen(reader, Which([misplaced]))
        assert [record["value"] for _, record in kept.find(known, lambda *done: told.append(done))] == [b"x"]
        assert told == [(1, 1), (32, 32)], "and then those before"


def test_retry_leaves_out_what_would_be_refused_still(
    company: Company, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another reason than the worker's, as if that had been mended."""
    refusals, web = Refusals(company), company.topics["web"]
    assert command(company, "retry").out == "nothing to retry: no reject that was asked for is open\n"
    mended = refusals.put("unknown_schema", page("mended"))
    refusals.put("impossible_time", page("ahead", AT + 2 * DAY), at=AT)
    refusals.put("blocked_identifier", page("null"))
    deal = {"source": "crm", "type": "lead_updated", "occurred_at": AT, "record_kind": "lead", "record_id": "null"}
    refusals.put("blocked_identifier", CODEC.encode("events/crm", deal), topic="crm")
    capped = refusals.put("too_many_sessions", page("d"))
    own = refusals.put("not_avro", b"x", topic=f"funnelwatch.g{company.generation}.identity")
    elsewhere = refusals.put("not_avro", b"x", topic="elsewhere.events")
    early = refusals.put("unknown_schema", page("early"), at=LATEST)  # brokers take no such time any more

    dry = command(company, "retry", "--dry-run")
    left_out = [
        "left out, as they would be refused still: blocked_identifier 2, impossible_time 1 (--all sends them anyway)",
        "left out, as they cannot be retried: not_avro 1, of elsewhere.events, no source topic 1, too_many_sessions 1",
    ]
    assert dry.out.splitlines() == [
        f"{mended}  unknown_schema  {len(page('mended'))} bytes",
        f"{early}  unknown_schema  {len(page('early'))} bytes",
        "dry run: 2 messages would be sent, nothing was",
        *left_out,
    ]
    assert dry.code == 1
    assert consume(company.broker, web) == []
    for place in (capped, own):
        told = command(company, "retry", str(place))
        assert told.code == 1
        assert "cannot be retried" in told.err
    assert "was never refused" in command(company, "retry", str(mended), f"{web}/0/77").err
    assert "elsewhere.events is no source topic" in command(company, "show", str(elsewhere)).err
    assert consume(company.broker, web) == []

    not_taken = f"{early}: not taken by Kafka: Broker: Invalid timestamp"
    done = command(company, "retry")
    assert (done.code, done.out.splitlines()) == (1, ["1 message sent again", *left_out, not_taken])
    assert [sent(one) for one in consume(company.broker, web)] == [(1, b"k", page("mended"), AT, str(mended))]
    monkeypatch.setattr(send, "_AT_ONCE", 2)
    everything = command(company, "retry", "--all")
    assert everything.out.splitlines()[0] == "3 messages sent again"
    assert sorted(sent(one)[3] for one in consume(company.broker, web)) == [AT, AT, AT]
    again = command(company, "retry", str(mended))
    assert again.code == 1
    assert f"{mended} was retried already" in again.err
    assert command(company, "retry", str(mended), "--again").code == 0
    (row,) = json.loads(command(company, "list", "--format", "json", "--reason", "unknown_schema").out)
    assert row["place"] == str(early)
    *_, row = json.loads(command(company, "list", "--format", "json", "--reason", "unknown_schema", "--retried").out)
    assert row["retried_at"] is not None


def sent(message: Any) -> tuple[Any, ...]:
    """Partition, key, value, time (µs), what it is a retry of."""
    (header,) = [content for name, content in message.headers() or [] if name == send.HEADER]
    _, at = message.timestamp()
    return message.partition(), message.key(), message.value(), at * 1000, str(header, "utf-8")


def test_a_retry_that_was_killed_before_its_log_is_harmless_again(company: Company, command: Command) -> None:
    place = Refusals(company).put("unknown_schema", page("d"))
    company.environment["FUNNELWATCH_TEST_FAILPOINT"] = "retry:sent:1"
    assert company.run("rejects", "retry", check=False).returncode == -signal.SIGKILL
    del company.environment["FUNNELWATCH_TEST_FAILPOINT"]
    assert command(company, "retry").out == "1 message sent again\n"
    copies = [sent(one) for one in consume(company.broker, place.topic)]
    assert copies == [(1, b"k", page("d"), AT, str(place))] * 2


@pytest.mark.slow
def test_a_fix_and_a_retry_make_it_a_fact(
    any_broker: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path, command: Command
) -> None:
    with serving() as registry, company_on(any_broker, clickhouse, tmp_path) as company:
        company.environment["SCHEMA_REGISTRY_URL"] = registry.url
        codec, web = Codec(registry.url), company.topics["web"]
        fields = [*catalog.current("events/web")["fields"], {"name": "scroll", "type": "int", "default": 0}]
        newer = catalog.compact(catalog.current("events/web") | {"fields": fields})
        header = b"\x00" + (FIRST_ID + len(registry.schemas)).to_bytes(4, "big")
        early = header + page("early", codec=codec)[5:] + b"\x54"
        produce(company.broker, web, [(b"early", early), (b"k", b"garbage"), (b"fine", page("fine", codec=codec))])
        company.start_worker()
        visitors = "SELECT anonymous_id, pages FROM boards.visits ORDER BY anonymous_id"
        company.wait(lambda: company.query(visitors) == [("fine", 1)], "the good event")
        company.wait(lambda: company.query("SELECT count() FROM boards.rejects") == [(2,)], "the rejects")
        asked = time.monotonic()  # or before: when the worker asked for the schema in vain

        told = command(company, "retry", "--reason", "unknown_schema")
        assert told.out.splitlines()[0] == "0 messages sent again"
        assert "would be refused still: unknown_schema 1" in told.out
        registry.schemas.append((subject("events/web"), newer))
        (row,) = json.loads(command(company, "list", "--reason", "unknown_schema", "--format", "json").out)
        assert "scroll = 42" in command(company, "show", row["place"]).out
        company.wait(lambda: time.monotonic() > asked + ASK_AGAIN_SECONDS, "the worker asks again")
        assert command(company, "retry", "--reason", "unknown_schema").out == "1 message sent again\n"
        company.wait(lambda: company.query(visitors) == [("early", 1), ("fine", 1)], "the fact")
        assert json.loads(command(company, "list", "--reason", "unknown_schema", "--format", "json").out) == []
        assert command(company, "retry", row["place"], "--again").code == 0
        assert command(company, "retry", "--all").out == "1 message sent again\n"  # the garbage
        company.wait(lambda: company.query("SELECT count() FROM boards.rejects") == [(3,)], "refused again")
        assert company.query(visitors) == [("early", 1), ("fine", 1)]
        (left,) = json.loads(command(company, "list", "--format", "json").out)
        assert (left["reason"], left["open"], left["retried"]) == ("not_avro", 1, 1)
