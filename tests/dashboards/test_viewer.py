from __future__ import annotations

import csv
import io
import signal
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboards.boards import BOARDS
from dashboards.viewer.__main__ import arguments
from dashboards.viewer.app import create_app
from dashboards.viewer.reader import Reader, Result
from deploy.local.ports import free_port
from sinks.reader import BoardsReader
from tests.support.clickhouse import LocalClickHouse

LEAKAGE, CLOSED_LOOP, *_ = BOARDS


def client(reader: Reader, **settings: Any) -> TestClient:
    return TestClient(create_app(reader, **settings), base_url="http://localhost", follow_redirects=False)


class Failing:
    """Fails for queries with `word` in them."""

    def __init__(self, reader: Reader, word: str) -> None:
        self._reader, self._word = reader, word

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Result:
        if self._word in sql:
            raise RuntimeError("the <b>table</b>\nis away")
        return self._reader.query(sql, parameters)


class Saying:
    """Says one text in every column of text."""

    def __init__(self, reader: Reader, text: str) -> None:
        self._reader, self._text = reader, text

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Result:
        answer = self._reader.query(sql, parameters)
        return Answer(answer.columns, [[self._text if isinstance(v, str) else v for v in row] for row in answer.rows])


class Answer:
    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.columns, self.rows = columns, rows


def a_lead(reader: BoardsReader) -> str:
    sql = (
        "SELECT lead_id FROM boards.obligations WHERE state = 'leaking' AND kind = 'untouched' ORDER BY lead_id LIMIT 1"
    )
    return str(reader.query(sql).rows[0][0])


def test_the_first_page_is_the_leakage_board(company: BoardsReader) -> None:
    answer = client(company).get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, f"/boards/{LEAKAGE}")


@pytest.mark.parametrize("uid", BOARDS)
@pytest.mark.parametrize("period", ["24h", "7d", "30d", "90d", "all"])
def test_boards_show_every_panel(uid: str, period: str, company: BoardsReader) -> None:
    page = client(company).get(f"/boards/{uid}", params={"period": period})
    assert page.status_code == 200
    assert "Cannot be shown" not in page.text
    assert 'class="message failed"' not in page.text
    for panel in BOARDS[uid].panels:
        assert panel.title in page.text


@pytest.mark.parametrize("uid", BOARDS)
def test_before_the_first_event_boards_say_so(uid: str, nothing: BoardsReader) -> None:
    page = client(nothing).get(f"/boards/{uid}")
    assert page.status_code == 200
    assert "No data yet" in page.text
    assert "No worker has reported yet" in page.text
    assert "Nobody is waiting" not in page.text, "no calm where nothing was seen"
    assert 'class="message failed"' not in page.text


def test_a_panel_without_data_says_since_when(company: BoardsReader) -> None:
    panel = client(company).get(f"/boards/{LEAKAGE}/panels/leak-rate", params={"region": "Atlantis"})
    assert "No data since 14 May" in panel.text


def test_a_query_error_stands_in_its_panel_in_one_line(company: BoardsReader) -> None:
    viewer = client(Failing(company, "arrayJoin(stages)"))
    page = viewer.get(f"/boards/{LEAKAGE}")
    assert page.status_code == 200
    assert page.text.count("message failed") == 1
    assert "the &lt;b&gt;table&lt;/b&gt; is away" in page.text
    assert "Save these first" in page.text


def test_nothing_from_the_data_becomes_markup(company: BoardsReader) -> None:
    lead = a_lead(company)
    viewer = client(Saying(company, "<script>alert('x')</script>\"'"), crm_url="https://crm.example/{id}")
    for path in (f"/boards/{LEAKAGE}", f"/boards/{CLOSED_LOOP}", "/lists/owed", f"/leads/{lead}"):
        page = viewer.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text


def test_what_is_asked_for_becomes_no_markup_either(company: BoardsReader) -> None:
    page = client(company).get("/lists/owed", params={"kind": "<img src=x>", "channel": "'\"><b>"})
    assert page.status_code == 200
    assert "<img src=x>" not in page.text
    assert "<b>" not in page.text


def test_answers_carry_security_headers(company: BoardsReader) -> None:
    for path in ("/", f"/boards/{LEAKAGE}", "/static/style.css", "/nothing", "/healthz"):
        headers = client(company).get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_hold_no_inline_style_or_script(company: BoardsReader) -> None:
    viewer = client(company)
    for path in (f"/boards/{LEAKAGE}", f"/boards/{CLOSED_LOOP}", "/lists/owed", f"/leads/{a_lead(company)}"):
        text = viewer.get(path).text
        assert " style=" not in text
        assert "<style" not in text
        assert text.count("<script") == text.count('<script src="/static/')


def test_it_answers_under_its_own_names_only(company: BoardsReader) -> None:
    assert client(company).get("/healthz", headers={"host": "evil.example"}).status_code == 400
    assert client(company, allowed_hosts=["*"]).get("/healthz", headers={"host": "any"}).status_code == 200


@pytest.mark.parametrize("path", ["/boards/none", f"/boards/{LEAKAGE}/panels/none", "/lists/none", "/leads/L0", "/x"])
def test_what_is_not_there_is_a_page_that_says_so(path: str, company: BoardsReader) -> None:
    page = client(company).get(path)
    assert page.status_code == 404
    assert "There is nothing here" in page.text


@pytest.mark.parametrize("question", ["period=1y", "channel=a%00b", "owner=" + "x" * 300])
def test_impossible_questions_are_refused(question: str, company: BoardsReader) -> None:
    assert client(company).get(f"/boards/{LEAKAGE}?{question}").status_code == 400


def test_health_follows_the_database(company: BoardsReader) -> None:
    assert client(company).get("/healthz").json() == {"status": "ok"}
    sick = client(Failing(company, "last_event_at")).get("/healthz")
    assert (sick.status_code, sick.json()["status"]) == (503, "failed")


def test_a_panel_is_sent_once_while_it_does_not_change(company: BoardsReader) -> None:
    viewer = client(company)
    path = f"/boards/{LEAKAGE}/panels/leaking-now"
    first = viewer.get(path)
    again = viewer.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")


def test_a_list_can_be_taken_away(company: BoardsReader) -> None:
    viewer = client(company)
    answer = viewer.get("/lists/owed.csv", params={"state": "leaking", "region": "DACH"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert rows
    assert {(row["state"], row["region"]) for row in rows} == {("leaking", "DACH")}
    expected = "SELECT count() FROM boards.obligations WHERE state = 'leaking' AND region = 'DACH'"
    assert len(rows) == company.query(expected).rows[0][0]


def test_a_list_offers_periods_only_where_they_matter(company: BoardsReader) -> None:
    viewer = client(company)
    assert 'aria-label="Period"' not in viewer.get("/lists/owed?state=leaking").text
    assert 'aria-label="Period"' in viewer.get("/lists/owed?state=recovered&when=done").text
    assert 'aria-label="Period"' in viewer.get("/lists/cohort").text


def test_a_spreadsheet_runs_nothing_of_it(company: BoardsReader) -> None:
    answer = client(Saying(company, "=1+1")).get("/lists/leads.csv")
    assert ",=" not in answer.text
    assert ",'=1+1" in answer.text


def test_a_long_list_says_how_long_it_is(company: BoardsReader) -> None:
    page = client(company).get("/lists/visitors", params={"period": "all"})
    total = company.query("SELECT count() FROM boards.visitors").rows[0][0]
    assert f"{total:,}".replace(",", "\u202f") in page.text
    assert "The first 300 are shown" in page.text


def test_the_crm_link_is_made_of_the_template(company: BoardsReader) -> None:
    sql = "SELECT lead_id, crm_record_id FROM boards.leads WHERE crm_record_id != '' LIMIT 1"
    lead, record = company.query(sql).rows[0]
    page = client(company, crm_url="https://crm.example/lead/{id}/view").get(f"/leads/{lead}")
    assert f'href="https://crm.example/lead/{record}/view"' in page.text
    assert "crm.example" not in client(company).get(f"/leads/{lead}").text


@pytest.mark.parametrize("wrong", ["javascript:alert({id})", "https://crm.example/", "crm/{id}"])
def test_a_wrong_crm_template_is_refused_at_once(wrong: str, company: BoardsReader) -> None:
    with pytest.raises(ValueError, match="crm_url"):
        create_app(company, crm_url=wrong)


def test_a_lead_says_why_it_leaks(company: BoardsReader) -> None:
    page = client(company).get(f"/leads/{a_lead(company)}")
    assert "No one has called yet" in page.text
    assert "was to make the first call or write by" in page.text
    assert "It has not happened:" in page.text
    assert "sent a form" in page.text


def test_an_empty_channel_is_a_value_like_others(company: BoardsReader) -> None:
    expected = company.query("SELECT count() FROM boards.leads WHERE channel = ''").rows[0][0]
    page = client(company).get("/lists/cohort", params={"channel": "", "period": "all"})
    assert f'<span class="leads">{expected}</span>' in page.text


def test_it_runs_on_loopback_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    given = arguments(["--clickhouse-url", "http://boards:@127.0.0.1:1"])
    assert (given.host, given.port, given.refresh) == ("127.0.0.1", 8600, 5.0)
    monkeypatch.setenv("CLICKHOUSE_URL", "http://there:1")
    assert arguments([]).clickhouse_url == "http://there:1"


def test_without_an_address_it_says_which_one_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments([])
    assert "CLICKHOUSE_URL is needed" in capsys.readouterr().err


def test_where_no_amount_is_known_deals_are_counted(unpriced: BoardsReader) -> None:
    sql = "SELECT count() FROM boards.deals WHERE status = 'won'"
    won = unpriced.query(sql).rows[0][0]
    viewer = client(unpriced)
    stat = viewer.get(f"/boards/{CLOSED_LOOP}/panels/revenue", params={"period": "all"}).text
    assert won > 0
    assert f">{won}</a>" in stat
    assert "deals won; no amounts known" in stat
    assert "No deal was won" not in stat
    bars = viewer.get(f"/boards/{CLOSED_LOOP}/panels/revenue-by-channel", params={"period": "all"}).text
    assert "no amounts are known" in bars
    assert "<rect" not in bars


def test_where_no_deal_was_won_it_says_so(unpriced: BoardsReader) -> None:
    stat = client(unpriced).get(f"/boards/{CLOSED_LOOP}/panels/revenue", params={"region": "Atlantis"}).text
    assert "No deal was won in this period." in stat


def test_a_database_that_hangs_is_said_and_recovered_from(
    company: BoardsReader, boards_server: LocalClickHouse
) -> None:
    assert boards_server.process is not None
    viewer = client(company, answer_within_s=1.5)
    page = f"/boards/{LEAKAGE}"
    boards_server.process.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        away = viewer.get(page)
        assert time.monotonic() - began < 5, "not every panel waits by itself"
        assert away.status_code == 503
        assert "The data cannot be reached since " in away.text
        panels = BOARDS[LEAKAGE].panels
        assert away.text.count("message failed") == away.text.count("no answer from the database within") == len(panels)
        assert all(panel.title in away.text for panel in panels)
        assert viewer.get(f"{page}/panels/leaking-now").status_code == 200
        for path in ("/lists/owed", "/lists/owed.csv", "/leads/L0"):
            answer = viewer.get(path)
            assert (answer.status_code, "The data cannot be reached since " in answer.text) == (503, True)
    finally:
        boards_server.process.send_signal(signal.SIGCONT)
    deadline = time.monotonic() + 90
    back = viewer.get(page)
    while (back.status_code != 200 or "message failed" in back.text) and time.monotonic() < deadline:
        back = viewer.get(page)
    assert back.status_code == 200
    assert "cannot be reached" not in back.text
    assert "message failed" not in back.text


def test_a_database_that_is_not_there_is_said() -> None:
    page = client(BoardsReader(f"http://boards:@127.0.0.1:{free_port()}")).get(f"/boards/{LEAKAGE}")
    assert page.status_code == 503
    assert "The data cannot be reached since " in page.text
    assert page.text.count("message failed") == len(BOARDS[LEAKAGE].panels)


def test_the_closed_loop_opens_on_90_days(company: BoardsReader) -> None:
    viewer = client(company)
    page = viewer.get(f"/boards/{CLOSED_LOOP}").text
    assert 'aria-current="true">90 days' in page
    assert "/lists/cohort?period=90d" in page, "the list is that of the number"
    assert f'href="/boards/{CLOSED_LOOP}?period=30d"' in page
    assert 'aria-current="true">30 days' in viewer.get(f"/boards/{CLOSED_LOOP}?period=30d").text
    leakage = viewer.get(f"/boards/{LEAKAGE}").text
    assert 'aria-current="true">30 days' in leakage
    assert f'href="/boards/{CLOSED_LOOP}"' in leakage


def test_a_list_says_people_and_promises(company: BoardsReader) -> None:
    sql = "SELECT uniqExact(lead_id), count() FROM boards.obligations WHERE state = 'leaking'"
    people, promises = company.query(sql).rows[0]
    assert people < promises
    page = client(company).get("/lists/owed?state=leaking").text
    assert f'<span class="leads">{people}</span> people, <span class="rows">{promises}</span> promises' in page


def test_a_csv_is_for_machines_and_is_called_what_it_is(company: BoardsReader) -> None:
    answer = client(company).get("/lists/owed.csv", params={"state": "leaking"})
    assert answer.headers["content-disposition"] == 'attachment; filename="owed-2026-05-14.csv"'
    row = next(csv.DictReader(io.StringIO(answer.text)))
    assert int(row["minutes_left"]) < 0
    assert row["due_at"][10] == "T"
    assert row["due_at"].endswith("Z")


def test_a_lead_says_its_segments_in_words(company: BoardsReader) -> None:
    page = client(Saying(company, "uk_ireland")).get(f"/leads/{a_lead(company)}").text
    assert "<dt>Region</dt><dd>UK &amp; Ireland</dd>" in page
    assert "<dt>Company size</dt>" in page
