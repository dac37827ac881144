"""Everything that speaks with Kafka, against one that is secured: each way in, with no more rights than are listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from deploy.checks import kafka
from deploy.cli import run
from deploy.local.ports import LOOPBACK
from deploy.local.process import wait_until
from deploy.rights import Right, of_sender, of_topics, of_worker, transactions_refused
from deploy.settings import env_name, load
from deploy.topics import ensure
from tests.support.apache_kafka import java_and_maven
from tests.support.clickhouse import LocalClickHouse
from tests.support.company import Company, company_on
from tests.support.files import LEADS_MAPPING
from tests.support.secured_kafka import KEY_PASSWORD, PASSWORD, SecuredKafka, secured_kafka
from tests.support.skips import lacking

LEADS = "id,email,when\nL1,ann@a.example,2026-05-04\nL2,bob@b.example,2026-05-05\n"
WAYS = ["SSL", "SSL with a certificate", "SASL_SSL PLAIN", "SASL_SSL SCRAM-SHA-512", "SASL_PLAINTEXT SCRAM-SHA-256"]
ALL_COMMANDS = "SASL_SSL SCRAM-SHA-512"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    if not java_and_maven():
        lacking("Apache Kafka with TLS and SASL: install java and mvn")
    with secured_kafka(tmp_path_factory.mktemp("secured")) as broker:
        yield broker


def rights_of(company: Company) -> list[Right]:
    web, form, crm = (company.topics[name] for name in ("web", "form", "crm"))
    leaks = company.leaks
    settings = load(generation=company.generation, topic_web=web, topic_form=form, topic_crm=crm, topic_leaks=leaks)
    return of_worker(settings) + of_sender(settings) + of_topics(settings)


def nothing_is_given_away(company: Company, *said: str) -> None:
    logs = [path.read_text(errors="replace") for path in company.folder.glob("*.log")]
    assert all("ann@a.example" not in log for log in logs)
    for text in (*logs, *said):
        assert PASSWORD not in text
        assert KEY_PASSWORD not in text


@pytest.mark.parametrize("way", WAYS)
def test_events_become_facts(secured: SecuredKafka, clickhouse: LocalClickHouse, tmp_path: Path, way: str) -> None:
    def grant(company: Company) -> None:
        secured.grant(way, rights_of(company))

    level = "DEBUG" if "PLAIN" in way.split() else "INFO"  # the mechanism that sends the password itself
    more = {**secured.ways[way], "FUNNELWATCH_PARTITIONS": "1", "FUNNELWATCH_LOG_LEVEL": level}
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "mapping.yaml").write_text(LEADS_MAPPING)
    files = str(tmp_path / "leads.csv"), "--mapping", str(tmp_path / "mapping.yaml")
    with company_on(secured.broker, clickhouse, tmp_path, more=more, before=grant) as company:
        company.start_worker()
        said = [company.run("load", *files, "--wait").stdout]
        assert company.query("SELECT count() FROM boards.leads") == [(2,)]
        assert company.worker is not None
        shown = [Path(f"/proc/{company.worker.pid}/{name}").read_text() for name in ("cmdline", "comm")]
        if way == ALL_COMMANDS:
            blocked = company.run("identity", "block", "ann@a.example", "--reason", "shared")
            said += [blocked.stdout, company.run("erase", "bob@b.example", "--yes", "--wait").stdout]
            said.append(company.run("doctor", check=False).stdout)
            assert re.findall(r"^\W+([\w ]+?) +\W+WRONG", said[-1], re.MULTILINE) == ["viewer"], said[-1]
            said += [company.run("topics").stdout, company.run("rejects", "list").stdout]
        nothing_is_given_away(company, *shown, *said)


def plain(secured: SecuredKafka, prefix: str, generation: int) -> dict[str, Any]:
    """Settings with topics of their own, which are there."""
    names: dict[str, Any] = {f"topic_{name}": f"{prefix}.{name}" for name in ("web", "form", "crm", "leaks")}
    settings = names | {"generation": generation, "partitions": 1}
    ensure(load(kafka_bootstrap_servers=secured.broker.bootstrap_servers, **settings))
    return settings


def given(monkeypatch: pytest.MonkeyPatch, settings: Mapping[str, str]) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FUNNELWATCH_EMAIL_KEY", "a secret for tests only")
    monkeypatch.setenv("CLICKHOUSE_URL", f"http://{LOOPBACK}:1")
    monkeypatch.setenv("FUNNELWATCH_HEALTH_PORT", "0")


REFUSALS: dict[str, tuple[str, dict[str, str], str]] = {
    "wrong password": (
        "SASL_SSL SCRAM-SHA-512",
        {"KAFKA_SASL_PASSWORD": PASSWORD + "!"},
        "wrong user or password: KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD",
    ),
    "wrong mechanism": (
        "SASL_SSL PLAIN",
        {"KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"},
        "KAFKA_SASL_MECHANISM=SCRAM-SHA-256 is not offered, but PLAIN, SCRAM-SHA-512",
    ),
    "unknown CA": ("SSL", {"KAFKA_SSL_CA": "{other_ca}"}, "its certificate is not trusted .*: KAFKA_SSL_CA="),
    "another name": (
        "SSL",
        {"KAFKA_BOOTSTRAP_SERVERS": "localhost:{port}"},
        "its certificate is not for localhost: KAFKA_BOOTSTRAP_SERVERS must",
    ),
    "no certificate": (
        "SSL with a certificate",
        {"KAFKA_SSL_CERT": "", "KAFKA_SSL_KEY": "", "KAFKA_SSL_KEY_PASSWORD": ""},
        "it wants our certificate: set KAFKA_SSL_CERT and KAFKA_SSL_KEY",
    ),
    "plain text to TLS": (
        "SSL",
        {"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT", "KAFKA_SSL_CA": ""},
        "it speaks TLS: KAFKA_SECURITY_PROTOCOL=PLAINTEXT should be SSL or SASL_SSL",
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_is_one_line_that_names_the_setting(
    secured: SecuredKafka, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], refusal: str
) -> None:
    way, changed, said = REFUSALS[refusal]
    port = secured.ways[way]["KAFKA_BOOTSTRAP_SERVERS"].rpartition(":")[2]
    wrong = {name: value.format(other_ca=secured.other_ca, port=port) for name, value in changed.items()}
    given(monkeypatch, {**secured.ways[way], **wrong})
    for command in ("topics", "worker"):
        assert run([command]) == 1
        told = capsys.readouterr()
        assert re.fullmatch(rf"funnelwatch: Kafka at \S+: {said}.*\n", told.err), told.err
        assert PASSWORD not in told.err + told.out
    found = kafka.kafka(load())
    assert not found.ok
    assert re.search(said, found.detail)


def test_a_missing_acl_is_named_with_the_command_that_gives_it(
    secured: SecuredKafka, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    way = "SASL_SSL PLAIN"
    settings = plain(secured, "acl", 801)
    given(monkeypatch, secured.ways[way])
    for name, value in settings.items():
        monkeypatch.setenv(env_name(name), str(value))
    mine = load()
    all_rights = of_worker(mine) + of_topics(mine)
    secured.grant(way, [one for one in all_rights if one.name != "acl.web"])
    for command in ("topics", "worker"):
        assert run([command]) == 1
        expected = "funnelwatch: topic acl.web: may not be seen; the ACL Describe, or Read, on it is missing\n"
        assert capsys.readouterr().err == expected
    secured.grant(way, [Right("topic", "acl.web", ("Describe",))])
    assert run(["topics"]) == 0
    capsys.readouterr()
    assert run(["worker"]) == 1
    command = "kafka-acls --add --allow-principal User:funnelwatch --operation Read --topic acl.web"
    assert capsys.readouterr().err.endswith(f": no right to Read on topic acl.web: {command}\n")
    found = kafka.rights(mine)
    assert (found.ok, found.advice) == (False, command)
    secured.grant(way, [Right("topic", "acl.web", ("Read",))])
    assert kafka.rights(mine).ok
    assert kafka.transactions(mine).ok


def test_nothing_may_be_done(secured: SecuredKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a single ACL each of a worker's rights is missed."""
    way = "SASL_PLAINTEXT SCRAM-SHA-256"
    settings = plain(secured, "none", 802)
    given(monkeypatch, secured.ways[way])
    mine = load(**settings)
    lacks = kafka.rights(mine)
    for right in of_worker(mine):
        if right.kind != "transactional-id":
            assert f" {right.kind} {right.name}" in lacks.detail
    refused = kafka.transactions(mine)
    assert refused.advice.endswith(
        "--operation Write --transactional-id funnelwatch-g802- --resource-pattern-type prefixed"
    )


def test_transactions_that_are_too_long_for_the_broker(secured: SecuredKafka) -> None:
    settings = load(kafka_bootstrap_servers=secured.broker.bootstrap_servers, generation=803)
    assert transactions_refused(settings, 900_000) is None
    assert "transaction.max.timeout.ms=900001" in str(transactions_refused(settings, 900_001))


def test_the_doctor_mends_what_is_wrong_with_a_topic(secured: SecuredKafka) -> None:
    settings = load(kafka_bootstrap_servers=secured.broker.bootstrap_servers, **plain(secured, "mend", 804))
    changelog, lead = "funnelwatch-g804-journey-changelog", "funnelwatch.g804.lead.events"
    alter(secured.root, changelog, "cleanup.policy=delete")
    alter(secured.root, lead, "max.message.bytes=1000000")
    found = kafka.topic_settings(settings)
    assert not found.ok
    assert f"{lead}: max.message.bytes=1000000" in found.detail
    assert f"{changelog}: cleanup.policy=delete" in found.detail
    commands = re.findall(r"--entity-name (\S+) --add-config ([^\s;]+)", found.advice)
    assert len(commands) == 2
    for topic, config in commands:
        alter(secured.root, topic, config)
    assert kafka.topic_settings(settings).detail.startswith("as they must be on ")


def alter(root: AdminClient, topic: str, config: str) -> None:
    """As kafka-configs --add-config does; returns when the broker knows it."""
    name, _, value = config.partition("=")
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
    for future in root.incremental_alter_configs([resource]).values():
        future.result(10)
    asked = ConfigResource(ConfigResource.Type.TOPIC, topic)
    wait_until(lambda: root.describe_configs([asked])[asked].result(10)[name].value == value, config, lambda: None, 30)
