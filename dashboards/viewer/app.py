"""The web server: pages, panels one by one, lists, leads. It reads through a `Reader` and writes nothing."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

import anyio
from anyio.to_thread import run_sync
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dashboards.boards import BOARDS, VARIABLES
from dashboards.lists import LISTS
from dashboards.macros import PERIODS, BadValue, Scope
from dashboards.model import Board, LeadList, Panel, Variable
from dashboards.viewer import format as say
from dashboards.viewer.headers import SecurityHeaders
from dashboards.viewer.lead import read_lead
from dashboards.viewer.lists import MOST_IN_CSV, chosen_words, in_csv, needs_period, read_list, untold_words
from dashboards.viewer.look import ALL, Look, look_from
from dashboards.viewer.panels import Drawn, Painter
from dashboards.viewer.reader import QueryFailed, Reader, Row, ask_named, one_line
from dashboards.viewer.times import Freshness, away, freshness, last_event

HERE = Path(__file__).parent
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1", "[::1]")
AT_ONCE = 4  # queries of one page
FRESH_FOR_S = 0.5
AWAY_FOR_S = 5.0  # so long nobody asks again after the database gave no answer
ANSWER_WITHIN_S = 10.0
CSV_WITHIN_S = 60.0
Choices = list[tuple[Variable, list[tuple[str, str]]]]
T = TypeVar("T")
Args = TypeVarTuple("Args")


def create_app(
    reader: Reader,
    *,
    crm_url: str = "",
    refresh_s: float = 5.0,
    allowed_hosts: Sequence[str] = LOOPBACK_HOSTS,
    answer_within_s: float = ANSWER_WITHIN_S,
) -> Starlette:
    """The viewer over `reader`.

    `crm_url`: address of a record in the CRM with `{id}` in it, http(s); empty: no links. `refresh_s`: how often pages
    renew their numbers, 0 never. `allowed_hosts`: names under which it answers ("*" for any), so that no other site
    can read it through a browser. `answer_within_s`: what takes longer counts as no answer.
    Raises ValueError for a `crm_url` that is none.
    """
    if crm_url and not (crm_url.startswith(("http://", "https://")) and "{id}" in crm_url):
        raise ValueError("crm_url must begin with http:// or https:// and contain {id}")
    viewer = Viewer(reader, crm_url, refresh_s, answer_within_s)
    return Starlette(
        routes=[
            Route("/", viewer.home),
            Route("/boards/{board}", viewer.board_page),
            Route("/boards/{board}/panels/{panel}", viewer.one_panel),
            Route("/as-of", viewer.as_of),
            Route("/lists/{name}.csv", viewer.list_as_csv),
            Route("/lists/{name}", viewer.list_page),
            Route("/leads/{lead}", viewer.lead_page),
            Route("/healthz", viewer.healthz),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(allowed_hosts), www_redirect=False),
        ],
        exception_handlers={
            HTTPException: viewer.went_wrong,
            BadValue: viewer.went_wrong,
            QueryFailed: viewer.went_wrong,
        },
    )


class Viewer:
    def __init__(self, reader: Reader, crm_url: str, refresh_s: float, answer_within_s: float) -> None:
        self._reader = reader
        self._crm_url = crm_url
        self._refresh_s = refresh_s
        self._answer_within_s = answer_within_s
        self._limiter = anyio.CapacityLimiter(AT_ONCE)
        self._one_asks = anyio.Lock()
        self._known_fresh: tuple[float, Freshness] | None = None
        self._away_since: datetime | None = None
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            boards=BOARDS, periods=PERIODS, ALL=ALL, say=say, board=None, title="", has_period=True
        )

    async def home(self, _: Request) -> Response:
        return RedirectResponse(f"/boards/{next(iter(BOARDS))}", status_code=302)

    async def board_page(self, request: Request) -> Response:
        board = _board(request)
        look = look_from(request.query_params.multi_items(), usual=PERIODS[board.period])
        painter, choices, fresh = await self._around(look)
        drawn: dict[str, Drawn] = {}

        async def draw(panel: Panel) -> None:
            drawn[panel.id] = await self._draw(painter, panel, fresh)

        async with anyio.create_task_group() as tasks:
            for panel in board.panels:
                tasks.start_soon(draw, panel)
        return self._page(
            "board.html", look, f"/boards/{board.uid}", fresh, choices, title=board.title, board=board, drawn=drawn
        )

    async def one_panel(self, request: Request) -> Response:
        board = _board(request)
        look = look_from(request.query_params.multi_items(), usual=PERIODS[board.period])
        panel = board.panel(request.path_params["panel"])
        if panel is None:
            raise HTTPException(404, "There is no such panel.")
        fresh = await self._fresh()
        painter = Painter(look, self._crm_url, fresh.now)
        drawn = await self._draw(painter, panel, fresh)
        html = self._templates.get_template("panel.html").render(panel=panel, drawn=drawn)
        return _unless_known(request, html)

    async def as_of(self, request: Request) -> Response:
        fresh = await self._fresh()
        return _unless_known(request, self._templates.get_template("as_of.html").render(fresh=fresh))

    async def list_page(self, request: Request) -> Response:
        lead_list = _list(request)
        look = look_from(request.query_params.multi_items(), lead_list)
        painter, choices, fresh = await self._around(look)
        _must_be_there(fresh)
        found = await self._run(read_list, self._reader, lead_list, look)
        chosen = chosen_words(lead_list, look)
        return self._page(
            "list.html",
            look,
            f"/lists/{lead_list.name}",
            fresh,
            choices,
            title=lead_list.title,
            list=lead_list,
            chosen=chosen,
            has_period=needs_period(lead_list, look),
            found=found,
            table=painter.listed(lead_list.fields, found.rows),
        )

    async def list_as_csv(self, request: Request) -> Response:
        lead_list = _list(request)
        look = look_from(request.query_params.multi_items(), lead_list)
        fresh = await self._fresh()
        _must_be_there(fresh)
        found = await self._run(read_list, self._reader, lead_list, look, MOST_IN_CSV, within_s=CSV_WITHIN_S)
        day = fresh.now or datetime.now(UTC)
        out = io.StringIO()
        writer = csv.writer(out)
        names = list(found.rows[0]) if found.rows else [field.name for field in lead_list.fields]
        writer.writerow("minutes_left" if name == "left" else name for name in names)
        writer.writerows([in_csv(name, row[name]) for name in names] for row in found.rows)
        return Response(
            out.getvalue(),
            media_type="text/csv",
            headers={"content-disposition": f'attachment; filename="{lead_list.name}-{day:%Y-%m-%d}.csv"'},
        )

    async def lead_page(self, request: Request) -> Response:
        look = look_from(request.query_params.multi_items())
        painter, choices, fresh = await self._around(look)
        _must_be_there(fresh)
        page = await self._run(read_lead, self._reader, painter, request.path_params["lead"])
        if page is None:
            raise HTTPException(404, "Nobody is known by this id. Perhaps two leads turned out to be one person.")
        return self._page("lead.html", look, request.url.path, fresh, choices, title=page.name, lead=page)

    async def healthz(self, _: Request) -> Response:
        """200 when the boards can be asked, else 503 with the reason."""
        try:
            await self._run(ask_named, self._reader, "last_event", Scope())
        except QueryFailed as error:
            return JSONResponse({"status": "failed", "error": str(error)}, status_code=503)
        return JSONResponse({"status": "ok"})

    async def went_wrong(self, _: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400 if isinstance(error, BadValue) else 503
        said = error.detail if isinstance(error, HTTPException) else one_line(error)
        title = "Not found" if status == 404 else "Not shown"
        html = self._templates.get_template("error.html").render(
            look=Look(),
            path="/",
            choices=[],
            fresh=None,
            refresh_s=0,
            said=said,
            title=title,
            status=status,
        )
        return HTMLResponse(html, status_code=status)

    async def _around(self, look: Look) -> tuple[Painter, Choices, Freshness]:
        """What stands around every page: the painter, the variables with their values, and how fresh all is."""
        fresh = await self._fresh()
        choices: Choices = []
        for variable in VARIABLES:
            rows: list[Row] = []
            with suppress(QueryFailed):
                rows = [] if fresh.error else await self._run(ask_named, self._reader, variable.query, Scope())
            values = {str(row["value"]) for row in rows} | set(look.variables.get(variable.name, ()))
            named = [(value, say.plain(variable.unit, value, {})) for value in values]
            choices.append((variable, sorted(named, key=lambda pair: (not pair[0], pair[1].lower()))))
        return Painter(look, self._crm_url, fresh.now), choices, fresh

    async def _fresh(self) -> Freshness:
        """Asked once for the panels of a page, which are fetched one after another. Never raises QueryFailed: that
        nobody answers is an answer, too, and keeps the page from asking for its panels one after another in vain."""
        async with self._one_asks:
            if self._known_fresh is None or time.monotonic() > self._known_fresh[0]:
                try:
                    fresh, lasts = await self._run(freshness, self._reader), FRESH_FOR_S
                    self._away_since = None
                except QueryFailed as error:
                    self._away_since = self._away_since or datetime.now(UTC)
                    fresh, lasts = away(self._away_since, str(error)), min(AWAY_FOR_S, self._answer_within_s)
                self._known_fresh = time.monotonic() + lasts, fresh
            return self._known_fresh[1]

    async def _run(self, work: Callable[[*Args], T], *args: *Args, within_s: float = 0.0) -> T:
        """Some asking of the database, in a thread. Raises QueryFailed, too, when the answer takes too long."""
        within_s = within_s or self._answer_within_s
        async with self._limiter:
            try:
                with anyio.fail_after(within_s):
                    return await run_sync(work, *args, abandon_on_cancel=True)
            except TimeoutError:
                raise QueryFailed(f"no answer from the database within {within_s:g} s") from None

    async def _draw(self, painter: Painter, panel: Panel, fresh: Freshness) -> Drawn:
        if fresh.error:
            return Drawn(message=fresh.error, failed=True)
        if untold := untold_words(panel, painter.look):
            return Drawn(message=untold)
        try:
            rows = await self._run(ask_named, self._reader, panel.query, painter.look.scope)
            drawn = painter.draw(panel, rows) if rows else None
            if drawn and not drawn.is_nothing:
                return drawn
            return await self._run(self._nothing, panel, painter, drawn)
        except QueryFailed as error:
            return Drawn(message=str(error), failed=True)
        except KeyError as error:
            return Drawn(message=f"the database's answer has no column {error}", failed=True)

    def _nothing(self, panel: Panel, painter: Painter, drawn: Drawn | None) -> Drawn:
        """What to say where there is nothing to show: a 0 is good news only if anything has ever arrived."""
        last = last_event(self._reader)
        if last is None:
            return Drawn(message="No data yet: no lead has arrived.")
        if drawn:
            return drawn
        if panel.empty:
            return Drawn(message=panel.empty)
        return Drawn(message=f"No data since {say.moment(last, painter.now)}, when a lead was last heard of.")

    def _page(
        self,
        template: str,
        look: Look,
        path: str,
        fresh: Freshness,
        choices: Choices,
        **more: Any,
    ) -> Response:
        html = self._templates.get_template(template).render(
            look=look, path=path, fresh=fresh, choices=choices, refresh_s=self._refresh_s, **more
        )
        return HTMLResponse(html, status_code=503 if fresh.error else 200)


def _board(request: Request) -> Board:
    board = BOARDS.get(request.path_params["board"])
    if board is None:
        raise HTTPException(404, "There is no such board.")
    return board


def _list(request: Request) -> LeadList:
    lead_list = LISTS.get(request.path_params["name"])
    if lead_list is None:
        raise HTTPException(404, "There is no such list.")
    return lead_list


def _must_be_there(fresh: Freshness) -> None:
    if fresh.error:
        raise QueryFailed(f"{fresh.said}: {fresh.error}")


def _unless_known(request: Request, html: str) -> Response:
    """The text, or 304 where the browser has the same."""
    tag = f'"{blake2b(html.encode(), digest_size=12).hexdigest()}"'
    headers: Mapping[str, str] = {"etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(html, headers=headers)
