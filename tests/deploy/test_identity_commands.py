"""Who is who, as an operator asks for it: what commands say of the golden story and of a few people more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from deploy.checks.worker import resolver
from deploy.cli import run
from deploy.identity.who import UnknownLead, spelled
from deploy.settings import Settings
from sinks.clock import reset_clock, set_clock
from sinks.live import promote
from sinks.reader import BoardsReader
from sinks.writer import Batch, Writer
from streams.model import SECOND, Record
from tests.golden.story import AS_OF, EVENTS
from tests.golden.telling import HASHER, identifier
from tests.sinks.rows import values
from tests.support.clickhouse import LocalClickHouse
from tests.support.in_memory import TOPICS, Funnel, codec

GENERATION = 71_000
KEY = "a secret for tests only"
RUNBOOK = Path(__file__).parents[2] / "deploy" / "runbooks" / "resolver.md"
Tell = Callable[..., str]


@pytest.mark.parametrize(
    ("asked", "kind", "name", "identifier"),
    [
        (" Ada@Kestrel.example ", "email", "Ada@Kestrel.example", identifier("email ada@kestrel.example")),
        ("lead:00Q5", "lead", "00Q5", "crm_lead:00Q5"),
        ("CONTACT: 003A", "contact", "003A", "crm_contact:003A"),
        ("crm_lead:jane@x.example", "lead", "jane@x.example", "crm_lead:jane@x.example"),
        (f"email:{'a' * 32}", "", "", f"email:{'a' * 32}"),
        ("00Q5", "", "", ""),
        ("L00Q5", "", "", ""),
    ],
)
def test_how_somebody_is_spelled(asked: str, kind: str, name: str, identifier: str) -> None:
    who = spelled(asked, Settings(email_key=SecretStr(KEY)))
    assert (who.lead, who.record_kind, who.record_id, who.identifier) == ("", kind, name, identifier)


def test_a_lead_id_and_a_role_inbox() -> None:
    assert spelled("L0123456789abcdef", Settings()).lead == "L0123456789abcdef"
    assert spelled("info@jura.example", Settings(email_key=SecretStr(KEY))).weak


@pytest.mark.parametrize(
    "asked", ["", "  ", "lead:", "contact:0", "lead: null ", "jane@", "none@x.example", "a@test.com"]
)
def test_who_can_be_nobody(asked: str) -> None:
    with pytest.raises(UnknownLead):
        spelled(asked, Settings(email_key=SecretStr(KEY)))


def crm(number: int, what: str, of: str, **more: Any) -> tuple[str, bytes, Record]:
    kind, name = of.split()
    record = {"event_id": f"x{number}", "source": "crm", "type": what, "record_kind": kind, "record_id": name}
    return "crm", name.encode(), record | {"occurred_at": AS_OF - 1000 * SECOND + number * SECOND} | more


def more_events() -> Iterator[tuple[str, bytes, Record]]:
    """Beside the golden story: a hub, somebody oversize, a record id twice, and two who were merged twice."""
    for number in range(51):
        yield crm(number, "lead_created", f"lead H{number}", email="desk@hub.example")
    for number in range(26):
        yield crm(100 + number, "lead_created", f"lead O{number}", email=f"o{number}@large.example")
    for number in range(25):
        yield crm(200 + number, "merged", f"lead O{number}", other_record_id=f"O{number + 1}")
    yield crm(300, "lead_created", "lead 7", email="seven@twice.example")
    yield crm(301, "lead_created", "contact 7")
    yield crm(310, "lead_created", "lead M2")
    yield crm(311, "lead_created", "lead M1")
    yield crm(312, "merged", "lead M2", other_record_id="M1")
    yield crm(313, "unmerged", "lead M2", other_record_id="M1")
    yield crm(314, "merged", "lead M1", other_record_id="M2")
    yield crm(315, "unmerged", "lead M2", other_record_id="M3")


@pytest.fixture(scope="module")
def boards(clickhouse: LocalClickHouse) -> Iterator[LocalClickHouse]:
    """The golden story and more, at its last moment."""
    funnel = Funnel()
    events = [*((one.topic, one.key, one.record) for one in EVENTS), *more_events()]
    funnel.take((getattr(TOPICS, name), key, codec().encode(f"events/{name}", one)) for name, key, one in events)
    assert not funnel.rejects
    batch = Batch()
    for (table, *key), row in funnel.rows.items():
        batch.add(table, tuple(key), row, 1, AS_OF)
    client = clickhouse.client()
    promote(client, GENERATION)
    set_clock(client, 0, AS_OF, 0.0)
    Writer(client, GENERATION).write(batch)
    yield clickhouse
    reset_clock(client)
    client.close()


@pytest.fixture
def tell(
    boards: LocalClickHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Tell:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLICKHOUSE_URL", boards.url)
    monkeypatch.setenv("FUNNELWATCH_BOARDS_URL", boards.boards_url)
    monkeypatch.setenv("FUNNELWATCH_EMAIL_KEY", KEY)

    def ask(*arguments: str, code: int = 0) -> str:
        assert run(arguments) == code
        out, err = capsys.readouterr()
        assert err.count("\n") == (1 if code else 0)
        return str(err if code else out)

    return ask


def lead(text: str) -> str:
    return HASHER.lead_id(identifier(text))


def short(text: str) -> str:
    kind, _, name = identifier(text).partition(":")
    return f"{kind} {name[:8]}…"


def part(told: str, title: str) -> list[str]:
    """The lines below a title."""
    lines = told.splitlines()
    rest = lines[lines.index(title) + 1 :]
    return [line.strip() for line in rest[: next((n for n, one in enumerate(rest) if one[0] != " "), len(rest))]]


def test_the_links_by_which_felix_is_one_person_stand_in_order_of_time(tell: Tell) -> None:
    felix, private = short("email felix@gorse.example"), short("email felix.gorse@gmail.com")
    for command in (["explain", "Q-FEL3"], ["identity", "show", "felix@gorse.example"]):
        told = tell(*command)
        assert part(told, "Why these are one person") == [
            f"2026-03-12 15:05:00  crm_lead Q-FEL2 has the address {felix}  [crm/6.6 lead_created]",
            f"2026-03-16 08:00:00  crm_lead Q-FEL3 has the address {private}  [crm/6.7 lead_created]",
            "2026-03-17 07:30:00  crm_lead Q-FEL2 merged crm_lead Q-FEL3  [crm/6.4 merged]",
            "2026-03-18 08:00:00  crm_lead Q-FELIX merged crm_lead Q-FEL2  [crm/6.8 merged]",
        ]
        known = part(told, "Known as")
        root = identifier("email felix@gorse.example").replace(":", " ")
        assert known[0] == f"{root} since 2026-03-12 15:00:00, the first of them"
        assert known[1] == "crm_lead Q-FELIX since 2026-03-09 13:00:00"
        assert len(known) == 5
        assert "Linked, but it does not count" not in told


def test_a_conversion_and_what_was_anothers_then(tell: Tell) -> None:
    assert "2026-03-04 09:00:00  crm_contact C-ADA converted from crm_lead Q-ADA  [crm/1.10 converted]" in part(
        tell("explain", "ada@kestrel.example"), "Why these are one person"
    )
    told, then = tell("explain", "Q-EVA"), f"(then {lead('email eva@weir.example')})"
    anothers = {title: [line for line in part(told, title) if then in line] for title in ("Events (8)", "Stages")}
    assert [line[:10] for line in anothers["Events (8)"]] == ["2026-03-05", "2026-03-06"]
    assert [line[21:24] for line in anothers["Stages"]] == ["mql"]
    assert told.count("(then ") == told.count(then)


def test_links_that_do_not_count_say_why(tell: Tell) -> None:
    unmerged = part(tell("identity", "show", "lead:Q-GERD"), "Linked, but it does not count")
    assert unmerged == [
        f"2026-03-17 08:00:00  crm_lead Q-GRETA (lead {lead('email greta@holm.example')}) merged crm_lead Q-GERD"
        "  [crm/7.5 merged]; unmerged 2026-03-18 09:00:00 [crm/7.7 unmerged]"
    ]
    (blocked,) = part(tell("identity", "show", "Q-OLGA"), "Linked, but it does not count")
    mailbox = short("email einkauf@pike.example")
    assert f"crm_lead Q-OLGA has the address {mailbox} (lead {lead('email einkauf@pike.example')})" in blocked
    assert blocked.endswith(f"; {mailbox} is blocked by an operator, so it joins nobody")


def test_who_was_merged_again_says_when_they_were_apart(tell: Tell) -> None:
    told = tell("identity", "show", "M1")
    (again,) = part(told, "Why these are one person")
    assert re.fullmatch(
        r"\S+ \S+  crm_lead M1 merged crm_lead M2 again, after they were unmerged \S+ \S+  \[crm/x314 merged\]", again
    )
    (never,) = part(told, "Linked, but it does not count")
    assert re.fullmatch(
        r"\S+ \S+  crm_lead M2 unmerged from crm_lead M3 \(lead L\w{16}\)  \[crm/x315 unmerged\]; unmerged .*", never
    )


def test_why_somebody_is_alone(tell: Tell) -> None:
    hub = tell("identity", "show", "desk@hub.example")
    assert part(hub, "Known as")[0].endswith(
        "alone: a hub, linked with more than 50 others: no person, so it joins nobody"
    )
    assert len(idle := part(hub, "Linked, but it does not count")) == 21
    assert idle[-1] == "... and 31 more"
    oversize = tell("identity", "show", "lead:O3")
    assert part(oversize, "Known as")[0].endswith(
        "alone: in a web of more than 50 identifiers, where everyone is their own lead"
    )
    assert len(part(oversize, "Linked, but it does not count")) == 3
    assert "alone: blocked by an operator" in tell("identity", "show", "einkauf@pike.example")
    assert "a role inbox: it joins nobody" in tell("identity", "show", "info@jura.example")


def test_orders_that_moved_somebody(tell: Tell) -> None:
    hugo, whole = short("email hugo@iris.example"), lead("email hugo@iris.example")
    apart = ", ".join(sorted([lead("lead Q-HUGO1"), lead("lead Q-HUGO2")]))
    assert part(tell("identity", "show", "C-HUGO"), "Orders that moved somebody, last 30 days") == [
        f"2026-03-17 08:30:00  {hugo} unblocked: moved from {apart} to {whole}",
        f"2026-03-17 08:00:00  {hugo} blocked: moved from {whole} to {apart}",
    ]


def test_a_dry_run_of_a_block(tell: Tell) -> None:
    told = tell("identity", "block", "Q-FEL2", "--reason", "x", "--dry-run").splitlines()
    assert told[:2] == [
        "lead:Q-FEL2 is crm_lead Q-FEL2",
        f"lead {lead('email felix@gorse.example')} would fall apart into 4 people:",
    ]
    assert f"  {lead('email felix.gorse@gmail.com')}: crm_lead Q-FEL3, {short('email felix.gorse@gmail.com')}" in told
    assert told[-1] == "dry run: nothing was sent"
    again = tell("identity", "unblock", "einkauf@pike.example", "--reason", "x", "--dry-run").splitlines()
    assert again[1].endswith("would come together as one person:")
    mailbox = short("email einkauf@pike.example")
    assert again[2] == f"  {lead('email einkauf@pike.example')}: crm_lead Q-OLGA, crm_lead Q-PIA, {mailbox}"
    hub = tell("identity", "block", "desk@hub.example", "--reason", "x", "--dry-run")
    assert "a hub, linked with more than 50 others: no person, so it joins nobody, blocked or not" in hub
    healed = tell("identity", "block", "O13", "--reason", "x", "--dry-run")
    assert "\n50 leads would come together as 2 people:\n" in healed, "an oversize web falls into two that are not"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("identity show nobody@pike.example", "nobody is known as nobody@pike.example"),
        ("identity show 7", "7 is a lead and a contact of the CRM; say contact:7 or lead:7"),
        ("identity show Q-NONE", "no CRM record Q-NONE is known; if it is one all the same, say lead:Q-NONE or"),
        ("identity block info@jura.example --reason x --dry-run", "is a role inbox: it joins nobody, blocked or not"),
        ("identity block none@x.example --reason x --dry-run", "can be nobody"),
        ("identity unblock L0123456789abcdef --reason x --dry-run", "is a lead; one of its addresses or records"),
        (f"identity block email:{'a' * 32} --reason x --dry-run", "is but a hash; an order names the address itself"),
        ("erase L0123456789abcdef --dry-run", "nobody is known as L0123456789abcdef"),
        ("erase rosa@", "KAFKA_BOOTSTRAP_SERVERS is not set"),
        ("explain einkauf@pike.example", "has done nothing yet that boards show; funnelwatch identity show says"),
        ("explain D-MOOR", "D-MOOR is a deal of account moor.example alone: no person is known whose it is"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line(tell: Tell, arguments: str, words: str) -> None:
    assert words in tell(*arguments.split(), code=2 if "not set" in words else 1)


def test_what_was_erased_is_known_to_nobody(tell: Tell) -> None:
    for asked in ("rosa@selva.example", "lead:Q-ROSA", lead("email rosa@selva.example")):
        assert "nobody is known as" in tell("identity", "show", asked, code=1)


def test_a_dry_run_of_an_erasure_lists_everything(tell: Tell) -> None:
    told = tell("erase", "lead:Q-EVA", "--dry-run")
    assert part(told, "To be erased") == [
        "crm_lead Q-EVA since 2026-03-09 10:00:00",
        "device eva-laptop: all that it did, 2 visits, 2 of them this person's",
    ]
    addresses = sorted(identifier(f"email {name}") for name in ("eva.roth@gmail.com", "eva@weir.example"))
    assert [line.split(":")[0] for line in part(told, "Not erased")] == [one.replace(":", " ") for one in addresses]
    assert told.endswith("dry run: 2 orders, nothing was sent\n")
    by_address = part(tell("erase", "Eva@weir.example", "--dry-run"), "To be erased")
    assert by_address[0].startswith(
        identifier("email eva@weir.example").replace(":", " ") + " (Eva@weir.example) since"
    )
    assert len(by_address) == 3
    unknown = part(tell("erase", "new@weir.example", "--dry-run"), "To be erased")
    assert len(unknown) == 1 and unknown[0].endswith("(new@weir.example), of which nothing is known yet")


def test_a_shared_device_and_others_records_are_left_alone(tell: Tell) -> None:
    told = tell("erase", "dev@nordkap.example", "--dry-run")
    assert len(part(told, "To be erased")) == 2
    assert part(told, "Not erased") == [
        "device booth-tablet: 1 visit this person's, 2 others' or nobody's; --shared-devices erases it,"
        " or later device:booth-tablet"
    ]
    told = tell("erase", "dev@nordkap.example", "--dry-run", "--shared-devices")
    assert part(told, "To be erased")[-1] == "device booth-tablet: all that it did, 3 visits, 1 of them this person's"
    assert "Not erased" not in told
    assert part(tell("erase", "device:booth-tablet", "--dry-run"), "To be erased") == [
        "device booth-tablet: all that it did, 3 visits"
    ]
    spared = part(tell("erase", "einkauf@pike.example", "--dry-run"), "Not erased")
    assert spared == [f"crm_lead {name}: linked, but somebody else by what is known" for name in ("Q-OLGA", "Q-PIA")]


def test_every_query_of_the_runbook_answers(tell: Tell, boards: LocalClickHouse) -> None:
    queries = re.findall(r"`(SELECT [^`]*)`", RUNBOOK.read_text())
    assert len(queries) == 8
    reader = BoardsReader(boards.boards_url)
    answers = {sql: reader.query(sql).rows for sql in queries}
    reader.close()
    hubs = next(rows for sql, rows in answers.items() if "why = 'hub'" in sql)
    assert [row[0] for row in hubs] == [identifier("email desk@hub.example")]
    assert len(next(rows for sql, rows in answers.items() if "why = 'oversize'" in sql)) == 52
    assert len(next(rows for sql, rows in answers.items() if "HAVING records" in sql)) == 1


def test_the_doctor_says_how_far_behind_the_resolver_is(boards: LocalClickHouse) -> None:
    settings = Settings(clickhouse_url=boards.url, generation=GENERATION)
    assert not resolver(settings).ok
    client = boards.client()
    for lag, age, words in ((3, 0, "3 links behind, as of 0 s ago"), (3, 700, "3 links behind, as of 700 s ago")):
        row = values("progress", lag=lag, as_of=AS_OF - age * SECOND, at=AS_OF + age)
        batch = Batch()
        batch.add("progress", ("resolve", "links", 0), row, 1, AS_OF)
        Writer(client, GENERATION).write(batch)
        found = resolver(settings)
        assert (found.ok, found.detail, found.warning) == (True, words, age > 0)
    client.close()


@pytest.mark.parametrize("command", ["show", "block", "unblock"])
def test_every_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["identity", command, "--help"]) == 0
    assert f"funnelwatch identity {command}" in " ".join(capsys.readouterr().out.split("Example:")[1].split())
