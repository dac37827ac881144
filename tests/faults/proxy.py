"""A TCP proxy before ClickHouse that delays inserts, and takes away the answers of some."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from deploy.local.ports import LOOPBACK
from tests.support.clickhouse import PASSWORD

_CHUNK = 1 << 16
_BEGINNING = 2_000
_INSERT = re.compile(rb"INSERT INTO `?facts`?\.`?(?!progress|generations)")


class Proxy:
    """`cut_every` n: of n inserts the last two are executed and never answered, so that the sender's own second try
    is one of them. `delay`: seconds before an insert is passed on. Both may be changed at any time; 0 is off."""

    def __init__(self, port: int) -> None:
        self.cut_every = 0
        self.delay = 0.0
        self.inserts = 0
        self.cut = 0
        self.url = ""
        self.asked: list[bytes] = []  # beginnings of what was sent
        self._port = port

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._connected, LOOPBACK, 0)
        port = server.sockets[0].getsockname()[1]
        self.url = f"http://default:{PASSWORD}@{LOOPBACK}:{port}"
        return server

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state = _Connection()
        with suppress(OSError):
            upstream_reader, upstream_writer = await asyncio.open_connection(LOOPBACK, self._port)
            tasks = [
                asyncio.create_task(self._requests(state, reader, upstream_writer)),
                asyncio.create_task(self._answers(state, upstream_reader, writer)),
            ]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            upstream_writer.close()
        writer.close()

    async def _requests(self, state: _Connection, reader: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            begins, state.answered = state.answered, False
            if begins:
                state.begun, state.is_insert = b"", False
            if len(state.begun) < _BEGINNING:
                state.begun += data[:_BEGINNING]
                self.asked.append(state.begun)
            if not state.is_insert and _INSERT.search(state.begun):
                state.is_insert = True
                self.inserts += 1
                state.cut = self.cut_every > 0 and self.inserts % self.cut_every in (0, self.cut_every - 1)
                await asyncio.sleep(self.delay)
            to.write(data)
            await to.drain()

    async def _answers(self, state: _Connection, reader: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            if state.cut:  # ClickHouse has answered, so it has the rows
                self.cut += 1
                return
            state.answered = True
            to.write(data)
            await to.drain()


class _Connection:
    def __init__(self) -> None:
        self.answered = True  # so what comes next begins a request
        self.begun = b""  # how it begins; the query may come after the head
        self.is_insert = False
        self.cut = False


@contextmanager
def proxy_to(port: int) -> Iterator[Proxy]:
    """Before a server on the loopback address."""
    proxy, loop, ready = Proxy(port), asyncio.new_event_loop(), threading.Event()
    stopping = asyncio.Event()

    async def run() -> None:
        server = await proxy.serve()
        ready.set()
        await stopping.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(10)
        loop.close()
