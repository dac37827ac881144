"""ClickHouse behind TLS with a private CA: the real worker and every command that asks it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.ports import LOOPBACK
from deploy.settings import load
from sinks.client import SinkError, connect
from tests.support.certificates import Authority, Issued
from tests.support.clickhouse import PASSWORD, LocalClickHouse
from tests.support.company import company_on
from tests.support.kafka import TestBroker
from tests.support.tls_proxy import tls_in_front_of


@dataclass(frozen=True)
class Secured:
    port: int
    authority: Authority
    other: Authority
    client: Issued

    def url(self, host: str = LOOPBACK, user: str = f"default:{PASSWORD}", scheme: str = "https") -> str:
        return f"{scheme}://{user}@{host}:{self.port}"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Authority, Authority, Issued, Issued]:
    folder = tmp_path_factory.mktemp("certificates")
    authority = Authority(folder)
    return authority, Authority(folder, "other-ca"), authority.issue("server", LOOPBACK), authority.issue("client")


@pytest.fixture(params=["server", "mutual"])
def secured(
    request: pytest.FixtureRequest,
    clickhouse: LocalClickHouse,
    certificates: tuple[Authority, Authority, Issued, Issued],
) -> Iterator[Secured]:
    authority, other, server, client = certificates
    context = server.server_context()
    if request.param == "mutual":
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority.ca)
    with tls_in_front_of(clickhouse.port, context) as port:
        yield Secured(port, authority, other, client)


only = pytest.mark.parametrize  # which proxy a test has before it


@pytest.mark.slow
@only("secured", ["mutual"], indirect=True)
def test_worker_and_commands(
    secured: Secured, embedded_broker: TestBroker, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    more = {
        "CLICKHOUSE_URL": secured.url(),
        "CLICKHOUSE_CA": str(secured.authority.ca),
        "CLICKHOUSE_CERT": str(secured.client.certificate),
        "CLICKHOUSE_KEY": str(secured.client.key),
        "FUNNELWATCH_BOARDS_URL": secured.url(user="boards:"),
        "FUNNELWATCH_PARTITIONS": "1",
    }
    with company_on(embedded_broker, clickhouse, tmp_path, more=more) as company:
        company.start_worker()
        reports = f"SELECT count() > 0 FROM facts.progress WHERE generation = {company.generation}"
        company.wait(lambda: company.ask(reports) == [(1,)], "a report of the worker")
        assert company.run("query", "SELECT count() AS n FROM leads", "--format", "csv").stdout == "n\n0\n"
        found = company.run("doctor", check=False).stdout
        wrong = [line for line in found.splitlines() if "WRONG" in line]
        assert [line.split("│")[1].strip() for line in wrong] == ["viewer"], found
        assert PASSWORD + "@" not in found


@only("secured", ["server"], indirect=True)
def test_what_is_not_trusted_is_one_line(secured: Secured) -> None:
    ca, other = secured.authority.ca, secured.other.ca
    connect(load(clickhouse_url=secured.url(), clickhouse_ca=ca).clickhouse_address).close()
    for said, url, trusted in (
        ("its certificate is not trusted; is CLICKHOUSE_CA who signed it?", secured.url(), other),
        ("its certificate is not trusted; is CLICKHOUSE_CA who signed it?", secured.url(), None),
        ("its certificate is for another host; CLICKHOUSE_URL must", secured.url("localhost"), ca),
    ):
        with pytest.raises(SinkError) as caught:
            connect(load(clickhouse_url=url, clickhouse_ca=trusted).clickhouse_address)
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)


@only("secured", ["mutual"], indirect=True)
def test_who_shows_no_certificate_is_not_let_in(secured: Secured) -> None:
    with pytest.raises(SinkError, match="CLICKHOUSE_CERT"):
        connect(load(clickhouse_url=secured.url(), clickhouse_ca=secured.authority.ca).clickhouse_address)


@only("secured", ["server"], indirect=True)
def test_plain_text_where_there_is_tls(secured: Secured) -> None:
    with pytest.raises(SinkError, match="does it speak TLS, so https:// in CLICKHOUSE_URL"):
        connect(secured.url(scheme="http"))


def test_tls_where_there_is_none(clickhouse: LocalClickHouse) -> None:
    with pytest.raises(SinkError, match="it speaks no TLS; CLICKHOUSE_URL begins with https"):
        connect(clickhouse.url.replace("http:", "https:"))
