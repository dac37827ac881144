"""`/metrics`, `/livez` and `/readyz` of a worker, in its own event loop: a loop that is stuck does not answer."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

from aiohttp import web
from aiokafka.errors import KafkaError
from faust.types import TP
from mode import Service
from prometheus_client.aiohttp import make_aiohttp_handler

from streams.worker import health
from streams.worker.vitals import Vitals, look
from streams.worker.watch import Watch

log = logging.getLogger("funnelwatch.worker")

LOOPBACK = "127.0.0.1"
_LOOK_EVERY = 1.0
_ASK_EVERY = 5.0
_GOODBYE = 1.0  # for answers that are under way when the worker stops


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0: any free one. Raises OSError where the port is taken."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


class Endpoint(Service):
    """Looks at the worker every second, and answers those who ask."""

    def __init__(self, app: Any, watch: Watch, listening: socket.socket, stuck_after: float) -> None:
        super().__init__()
        self._app = app
        self._watch = watch
        self._socket = listening
        self._stuck_after = stuck_after
        self._ends: dict[TP, int] = {}  # of logs whose lanes are full, which are not fetched
        self._marks: dict[health.Name, health.Mark] = {}
        self._alive = True
        self._runner: web.AppRunner | None = None
        watch.vitals = self.look

    def look(self) -> Vitals:
        clock = self._watch.clock()
        since = self._watch.sink_away_since()
        away = None if since is None else clock - since
        return look(self._app, clock, self._watch.now(), self._ends, away)

    async def on_start(self) -> None:
        server = web.Application()
        server.router.add_get("/metrics", make_aiohttp_handler(self._watch.metrics.registry))
        server.router.add_get("/livez", self._livez)
        server.router.add_get("/readyz", self._readyz)
        self._runner = web.AppRunner(server, access_log=None, shutdown_timeout=_GOODBYE)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()
        host, port = self._socket.getsockname()[:2]
        log.info("metrics and health at http://%s:%d", f"[{host}]" if ":" in host else host, port)

    async def on_stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @Service.task
    async def _watch_progress(self) -> None:
        while not self.should_stop:
            self._watch.tick()
            answer = self._judge()
            if answer.ok != self._alive:
                self._alive = answer.ok
                log.warning("stuck: %s" if not answer.ok else "moving again%s", answer.body.get("reason", ""))
            await self.sleep(_LOOK_EVERY)

    @Service.task
    async def _ask_for_ends(self) -> None:
        while not self.should_stop:
            full = self._app.lanes.full()
            if not full:
                self._ends = {}
            else:
                try:
                    self._ends = dict(await asyncio.wait_for(self._app.consumer.highwaters(*full), _ASK_EVERY))
                except (KafkaError, TimeoutError):
                    log.debug("ends of %d logs are not known", len(full))
            await self.sleep(_ASK_EVERY)

    def _judge(self) -> health.Answer:
        now = self.look()
        self._marks = health.marked(self._marks, now)
        return health.alive(self._marks, now, self._stuck_after)

    async def _livez(self, _: web.Request) -> web.Response:
        return _answered(self._judge())

    async def _readyz(self, _: web.Request) -> web.Response:
        return _answered(health.ready(self.look()))


def _answered(answer: health.Answer) -> web.Response:
    return web.json_response(answer.body, status=200 if answer.ok else 503)
