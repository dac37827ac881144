"""Everything on one machine: broker, ClickHouse, topics and migrations, worker, viewer, as processes of their own.

A part whose setting points to a real server is not started. The embedded broker keeps everything in memory, so with it
all else begins empty too.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import SecretStr

from deploy import topics
from deploy.local.broker import Broker
from deploy.local.env_file import written
from deploy.local.ports import LOOPBACK, free_port, is_free
from deploy.local.process import Process, wait_until
from deploy.migrate import bring_up_to_date
from deploy.settings import Settings, SettingsError
from deploy.wait import Ticks
from sinks.client import connect

READY_SECONDS = 90.0
RESTARTS, RESTARTS_WITHIN = 5, 600.0
BACKOFF_SECONDS = 1.0  # before the first restart; twice as long before each further one
Say = Callable[[str], None]
Prepare = Callable[[Settings], None]
SUPERVISED = "worker"


def nothing(_: Settings) -> None:
    """Needs no preparation."""


class Stack:
    """The parts that run, in the order of their start; `settings` point to all of them."""

    def __init__(self, settings: Settings, logs: Path, say: Say = lambda _: None) -> None:
        self.settings = settings
        self.processes: list[Process] = []
        self._logs, self._say = logs, say
        self._begin: Callable[[], Process] | None = None
        self._revive: Callable[[], Process] | None = None
        self._revived: list[float] = []
        self._wake = 0.0

    def check(self) -> None:
        """Raises ProcessDied if a part ended by itself, the supervised one if it did so too often."""
        for at, process in enumerate(self.processes):
            if self._revive is not None and process.name == SUPERVISED and process.exit_code is not None:
                self._again(at, process)
            else:
                process.check()

    def start(self, name: str, module: str, *arguments: str, **environment: str) -> None:
        log = self._logs / f"{name}.log"
        log.unlink(missing_ok=True)
        command = [sys.executable, "-m", module, *arguments]

        def begin() -> Process:
            return Process(name, command, log, {**os.environ, **self.settings.environment(), **environment})

        self.processes.append(begin())
        if name == SUPERVISED:
            self._begin = begin

    def supervise(self) -> None:
        """From now on the worker is started again when it dies: it commits nothing that it has not flushed."""
        self._revive = self._begin

    def _again(self, at: int, process: Process) -> None:
        assert self._revive is not None
        now = time.monotonic()
        if self._wake == 0.0:
            self._revived = [one for one in self._revived if now - one < RESTARTS_WITHIN]
            if len(self._revived) >= RESTARTS:
                process.check()
            pause = BACKOFF_SECONDS * 2 ** len(self._revived)
            self._wake = now + pause
            self._say(
                f"{process.headline()}; starting it again in {pause:g} s ({len(self._revived) + 1} of {RESTARTS})"
            )
        elif now >= self._wake:
            self._wake = 0.0
            self._revived.append(now)
            self.processes[at] = self._revive()

    def use(self, **found: object) -> None:
        self.settings = self.settings.model_copy(update=found)

    def stop(self) -> None:
        """What takes comes first to its end, what is taken from last."""
        for process in reversed(self.processes):
            process.stop(self.settings.stop_grace)


@contextmanager
def running(settings: Settings, env_file: Path, say: Say, prepare: Prepare = nothing) -> Iterator[Stack]:
    """All is ready inside, and `env_file` tells it to other commands; afterwards nothing of it runs any more.

    `prepare` is called when broker and ClickHouse are ready, before anybody works with them.
    Raises SettingsError, ProcessDied, TimeoutError, and the errors of topics and migrations.
    """
    with ExitStack() as cleanup:
        folder = cleanup.enter_context(_own_folder(settings))
        stack = Stack(settings.model_copy(update={"data_dir": folder}), settings.data_dir.resolve() / "logs", say)
        cleanup.callback(stack.stop)
        _start(stack, folder, say, prepare)
        cleanup.enter_context(written(env_file, stack.settings))
        say(f"settings   {env_file}")
        yield stack


def _start(stack: Stack, folder: Path, say: Say, prepare: Prepare) -> None:
    began = time.monotonic()
    embedded_broker = stack.settings.kafka_bootstrap_servers is None
    if embedded_broker:
        _start_broker(stack)
    elif stack.settings.email_key is None:
        stack.settings.need("email_key")
    say(f"Kafka      {stack.settings.kafka_bootstrap_servers}{' (embedded)' if embedded_broker else ''}")
    embedded_clickhouse = stack.settings.clickhouse_url is None
    if embedded_clickhouse:
        _start_clickhouse(stack, folder)
    say(f"ClickHouse {stack.settings.boards_address}{' (embedded)' if embedded_clickhouse else ''}")
    topics.check(topics.ensure(stack.settings))
    bring_up_to_date(stack.settings)
    if embedded_broker and not embedded_clickhouse:
        _refuse_old_rows(stack.settings)
    prepare(stack.settings)
    _start_viewer(stack)
    _start_worker(stack)
    wait_until(lambda: answers_http(stack.settings.viewer_url + "/healthz"), "the viewer", stack.check, READY_SECONDS)
    stack.supervise()
    say(f"boards     {stack.settings.viewer_url}")
    if stack.settings.health_port:
        say(f"metrics    http://{stack.settings.health_host}:{stack.settings.health_port}/metrics")
    say(f"ready in {time.monotonic() - began:.0f} s; logs in {stack.settings.data_dir.parent / 'logs'}")


def _start_broker(stack: Stack) -> None:
    broker = Broker(stack.settings.data_dir / "broker.log")
    stack.processes.append(broker.process)
    stack.use(kafka_bootstrap_servers=broker.bootstrap_servers, transactions=False, idempotence=False)
    if stack.settings.email_key is None:  # nothing that is keyed by it outlives the broker
        stack.use(email_key=SecretStr(secrets.token_hex(16)))


def _start_clickhouse(stack: Stack, folder: Path) -> None:
    port, password = free_port(), secrets.token_hex(16)
    stack.start(
        "clickhouse",
        "deploy.local.clickhouse",
        f"--path={folder / 'clickhouse'}",
        f"--port={port}",
        FUNNELWATCH_LOCAL_PASSWORD=password,
    )
    wait_until(lambda: answers_http(f"http://{LOOPBACK}:{port}/ping"), "ClickHouse", stack.check, READY_SECONDS)
    stack.use(
        clickhouse_url=f"http://default:{password}@{LOOPBACK}:{port}", boards_url=f"http://boards@{LOOPBACK}:{port}"
    )


def _refuse_old_rows(settings: Settings) -> None:
    client = connect(settings.clickhouse_address)
    try:
        sql = "SELECT count() FROM facts.lead_events WHERE generation = {g:UInt32}"
        if client.query(sql, {"g": settings.generation}).result_rows[0][0]:
            raise SettingsError(
                f"FUNNELWATCH_GENERATION={settings.generation}: this ClickHouse has rows of it, and the embedded broker"
                " starts empty; take a higher one"
            )
    finally:
        client.close()


def _start_viewer(stack: Stack) -> None:
    settings = stack.settings
    if "viewer_port" not in settings.model_fields_set and not is_free(settings.viewer_port):
        stack.use(viewer_port=free_port())
    stack.start("viewer", "deploy.cli", "viewer")


def _start_worker(stack: Stack) -> None:
    settings = stack.settings
    if "health_port" not in settings.model_fields_set and not is_free(settings.health_port):
        stack.use(health_port=free_port())
    ticks = Ticks(stack.settings)
    try:
        before = ticks.read()
        stack.start("worker", "deploy.cli", "worker")
        wait_until(lambda: ticks.read() not in (0, before), "the worker", stack.check, READY_SECONDS)
    finally:
        ticks.close()


@contextmanager
def _own_folder(settings: Settings) -> Iterator[Path]:
    """The folder of this run; an empty one with the embedded broker. Two stacks cannot have one at the same time."""
    base = settings.data_dir.resolve()
    try:
        base.mkdir(parents=True, exist_ok=True)
        held = (base / "lock").open("w")
    except OSError as error:
        raise SettingsError(
            f"--data-dir {settings.data_dir} (FUNNELWATCH_DATA_DIR): cannot be used: {error.strerror}"
        ) from None
    with held as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                f"FUNNELWATCH_DATA_DIR={settings.data_dir}: another `funnelwatch up` uses it; stop it, or take another"
            ) from None
        if settings.kafka_bootstrap_servers is not None:
            folder = base / "kept"
            folder.mkdir(exist_ok=True)
            yield folder
            return
        folder = base / "volatile"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def answers_http(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
