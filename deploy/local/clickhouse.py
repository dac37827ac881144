"""A local ClickHouse: chDB's engine over one data folder, behind ClickHouse's HTTP interface on loopback.

    FUNNELWATCH_LOCAL_PASSWORD=… python -m deploy.local.clickhouse --path DIR --port N

Users: `default` may do everything, with the password from the environment; `boards` may read the views of database
`boards`, with the password FUNNELWATCH_LOCAL_BOARDS_PASSWORD (none if not set). Reads and writes have threads of their
own, so a slow board does not hold back an insert. Ends on SIGTERM and SIGINT; a failed start is one line and status 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from deploy.local.clickhouse_engine import Answer, Engine, EngineError, Statement
from deploy.local.clickhouse_guard import DATABASE, Guard
from deploy.local.clickhouse_http import STATUS, Query, credentials, greeting, parse, same

PASSWORD = "FUNNELWATCH_LOCAL_PASSWORD"
BOARDS_PASSWORD = "FUNNELWATCH_LOCAL_BOARDS_PASSWORD"
HOSTS = ["127.0.0.1", "localhost"]  # a page in a browser cannot reach us under a name of its own
READERS, WRITERS = 4, 2


class Server:
    def __init__(self, engine: Engine, passwords: dict[str, str]) -> None:
        self._engine = engine
        self._guard = Guard(engine)
        self._passwords = passwords
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="write")
        self._version, self._timezone = (
            engine.run(Statement("SELECT version(), timezone()")).body.decode().strip().split("\t")
        )

    async def ping(self, _: Request) -> Response:
        return PlainTextResponse("Ok.\n")

    async def query(self, request: Request) -> Response:
        if request.method == "GET" and "query" not in request.query_params:
            return await self.ping(request)
        headers = {
            "X-ClickHouse-Server-Display-Name": "funnelwatch",
            "X-ClickHouse-Query-Id": request.query_params.get("query_id") or str(uuid.uuid4()),
            "X-ClickHouse-Timezone": self._timezone,
        }
        try:
            user, password = credentials(request.query_params, request.headers)
            self._authenticate(user, password)
            query = parse(request.query_params, request.headers, await request.body())
            if query.is_greeting:
                return Response(greeting(self._version, self._timezone), headers=headers)
            threads = self._writers if query.data is not None else self._readers
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(threads, self._run, user, query, request.method == "GET")
        except EngineError as error:
            headers["X-ClickHouse-Exception-Code"] = str(error.code)
            text = f"{error} (version {self._version} (funnelwatch local))\n"
            return PlainTextResponse(text, STATUS.get(error.code, 500), headers)
        return Response(answer.body, headers=headers | _described(query, answer))

    def _authenticate(self, user: str, password: str) -> None:
        expected = self._passwords.get(user)
        if expected is None or not same(password, expected):
            raise EngineError(
                f"Code: 516. DB::Exception: {user}: Authentication failed: password is incorrect, or there is no user"
                " with such name. (AUTHENTICATION_FAILED)",
                516,
            )

    def _run(self, user: str, query: Query, readonly: bool) -> Answer:
        if user == DATABASE:
            query_settings = self._guard.settings(query.settings)
            sql = self._guard.canonical(query.sql)
            statement = Statement(sql, query.format, None, DATABASE, query.parameters, query_settings, readonly=True)
        else:
            statement = Statement(
                query.sql, query.format, query.data, query.database, query.parameters, query.settings, readonly
            )
        return self._engine.run(statement)

    def close(self) -> None:
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._writers.shutdown(wait=True, cancel_futures=True)


def _described(query: Query, answer: Answer) -> dict[str, str]:
    summary = {
        "read_rows": str(answer.read_rows),
        "written_rows": str(answer.written_rows),
        "result_rows": str(answer.read_rows),
        "elapsed_ns": str(int(answer.elapsed_s * 1e9)),
    }
    described = {"X-ClickHouse-Summary": json.dumps(summary)}
    if query.answers:
        described["X-ClickHouse-Format"] = query.answer_format
    return described


def create_app(server: Server) -> Starlette:
    return Starlette(
        routes=[
            Route("/ping", server.ping),
            Route("/", server.query, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.clickhouse", description=__doc__.splitlines()[0])
    parser.add_argument("--path", type=Path, required=True, help="folder of the data; made if missing")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    options = parser.parse_args()
    password = os.environ.get(PASSWORD)
    if not password:
        print(f"clickhouse: {PASSWORD} is not set", file=sys.stderr)
        return 1
    options.path.mkdir(parents=True, exist_ok=True)
    try:
        engine = Engine(str(options.path.resolve()))
        server = Server(engine, {"default": password, DATABASE: os.environ.get(BOARDS_PASSWORD, "")})
    except EngineError as error:
        print(f"clickhouse: cannot open {options.path}, is it in use? {error}", file=sys.stderr)
        return 1
    config = uvicorn.Config(
        create_app(server),
        host="127.0.0.1",
        port=options.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=75,
    )
    web = uvicorn.Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn stops gracefully, then raises the signal once more
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        web.run()
    finally:
        server.close()
    return 0 if web.started else 1


if __name__ == "__main__":
    try:
        status = main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # not to wait for a slow read: nothing is lost with it
