"""The viewer as people see it: in a browser, with the numbers followed to the people."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from dashboards.boards import BOARDS
from dashboards.viewer.app import create_app
from deploy.local.ports import free_port
from sinks.reader import BoardsReader
from tests.support.skips import lacking

CHROMIUM = os.environ.get("FUNNELWATCH_TEST_CHROMIUM", "/usr/bin/chromium")
LEAKAGE, CLOSED_LOOP, *_ = BOARDS


@pytest.fixture(scope="module")
def viewer(reader: BoardsReader) -> Iterator[str]:
    port = free_port()
    app = create_app(reader, crm_url="https://crm.example/lead/{id}", refresh_s=0.2)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        lacking(f"Chromium: {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    return []


def open_page(browser: Browser, complaints: list[str], width: int = 1440, scheme: str = "light") -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if "127.0.0.1" in request.url else complaints.append(request.url))
    return page


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("uid", BOARDS)
def test_boards_are_whole_at_every_width(
    uid: str,
    width: int,
    scheme: str,
    viewer: str,
    browser: Browser,
    complaints: list[str],
    screenshots: Path,
) -> None:
    page = open_page(browser, complaints, width, scheme)
    page.goto(f"{viewer}/boards/{uid}")
    for panel in BOARDS[uid].panels:
        expect(page.locator(f"#{panel.id} .body")).not_to_be_empty()
    assert page.locator(".message.failed").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=screenshots / f"{uid}-{scheme}-{width}.png", full_page=True)
    page.context.close()
    assert complaints == []


@pytest.mark.parametrize("width", [1440, 390])
def test_from_a_number_to_the_list_to_the_person(
    width: int, viewer: str, browser: Browser, company: BoardsReader, complaints: list[str], screenshots: Path
) -> None:
    page = open_page(browser, complaints, width)
    page.goto(f"{viewer}/boards/{LEAKAGE}")
    number = page.locator("#leaking-now .stat a")
    leads = number.inner_text()
    expected = company.query("SELECT uniqExact(lead_id) FROM boards.obligations WHERE state = 'leaking'").rows[0][0]
    assert leads == str(expected)
    number.click()
    expect(page.locator("h2 .leads")).to_have_text(leads)
    expect(page.locator(".chips")).to_contain_text("Leaking")
    page.screenshot(path=screenshots / f"list-{width}.png")
    first = page.locator("td.lead a").first
    name = first.inner_text()
    first.click()
    expect(page.locator("h1")).to_contain_text(name)
    expect(page.locator("#owed .leak").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=screenshots / f"lead-{width}.png", full_page=True)
    page.get_by_text("← Back").click()
    expect(page.locator("h2 .leads")).to_have_text(leads)
    page.context.close()
    assert complaints == []


@pytest.mark.usefixtures("company")
def test_filters_hold_from_page_to_page(viewer: str, browser: Browser, complaints: list[str]) -> None:
    page = open_page(browser, complaints)
    page.goto(f"{viewer}/boards/{LEAKAGE}")
    page.get_by_label("Region").select_option("DACH")
    page.wait_for_url(re.compile("region=DACH"))
    page.get_by_role("link", name="90 days").click()
    page.wait_for_url(re.compile("period=90d"))
    page.get_by_role("link", name="Closed loop").click()
    page.wait_for_url(re.compile(f"{CLOSED_LOOP}.*period=90d.*region=DACH"))
    expect(page.get_by_label("Region")).to_have_value("DACH")
    page.get_by_label("Region").select_option(label="All regions")
    page.wait_for_url(re.compile("period=90d$"))
    page.context.close()
    assert complaints == []


@pytest.mark.usefixtures("company")
def test_numbers_renew_themselves_where_they_change(viewer: str, browser: Browser, complaints: list[str]) -> None:
    page = open_page(browser, complaints)
    page.goto(f"{viewer}/boards/{LEAKAGE}")
    stat = page.locator("#leaking-now .stat")
    right = stat.inner_text()
    page.evaluate("document.querySelector('#leaking-now .stat a').textContent = '0'")
    page.evaluate("document.querySelector('#by-kind td').dataset.kept = 'yes'")
    expect(stat).to_have_text(right)
    assert page.locator("#by-kind td[data-kept]").count() == 1, "what did not change is left alone"
    page.context.close()
    assert complaints == []


@pytest.mark.usefixtures("company")
def test_a_lost_connection_is_said_and_mended(viewer: str, browser: Browser, complaints: list[str]) -> None:
    page = open_page(browser, complaints)
    page.goto(f"{viewer}/boards/{LEAKAGE}")
    page.route("**/panels/**", lambda route: route.abort())
    expect(page.locator("body.away")).to_be_attached()
    page.unroute("**/panels/**")
    expect(page.locator("body:not(.away)")).to_be_attached()
    page.context.close()


@pytest.mark.usefixtures("company")
def test_the_keyboard_reaches_numbers_and_explanations(viewer: str, browser: Browser, complaints: list[str]) -> None:
    page = open_page(browser, complaints)
    page.goto(f"{viewer}/boards/{LEAKAGE}")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    how = page.locator("#leaking-now .how")
    how.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(how.locator("p")).to_be_visible()
    page.keyboard.press("Escape")
    expect(how.locator("p")).to_be_hidden()
    page.context.close()
    assert complaints == []


@pytest.mark.usefixtures("nothing")
def test_before_the_first_event(viewer: str, browser: Browser, complaints: list[str], screenshots: Path) -> None:
    page = open_page(browser, complaints)
    page.goto(f"{viewer}/boards/{LEAKAGE}")
    expect(page.locator("#save-first .message")).to_contain_text("No data yet")
    page.screenshot(path=screenshots / "empty.png", full_page=True)
    page.context.close()
    assert complaints == []
