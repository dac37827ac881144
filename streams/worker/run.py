"""One worker process: a Faust app whose batch topics are worked off by lanes."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import faust
from faust.auth import Credentials

from streams.model import Micros
from streams.step import Step
from streams.worker.config import WorkerConfig
from streams.worker.lanes import Lanes, Serde
from streams.worker.partitions import Partitions
from streams.worker.progress import report
from streams.worker.sink import Sink

log = logging.getLogger("funnelwatch.worker")

_REPORT_SECONDS = 1.0


class App(faust.App):
    """A Faust app with lanes."""

    lanes: Lanes
    stop_grace: float

    async def on_stop(self) -> None:
        faulthandler.dump_traceback_later(self.stop_grace, exit=True)  # nothing may keep us longer
        await super().on_stop()
        await self.lanes.close()


def build(config: WorkerConfig, codec: Serde, steps: Sequence[Step], sink: Sink, asked_at: Callable[[], Micros]) -> App:
    """The app, ready to run; `app.lanes` are its lanes. asked_at: the time that boards ask by."""
    app = App(
        config.app_id,
        broker=f"funnelwatch://{config.bootstrap_servers.replace(',', ';')}",
        broker_credentials=credentials(config.security),
        store="rocksdb://",
        datadir=str(config.data_dir),
        topic_partitions=config.partitions,
        topic_disable_leader=True,
        topic_allow_declare=True,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=config.session_timeout,
        broker_max_poll_interval=config.poll_interval,
        broker_heartbeat_interval=config.session_timeout / 4,
        broker_max_poll_records=config.waiting.records,
        web_enabled=False,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        # The embedded broker (Tansu 0.6) tells an end offset one batch too low, which Faust takes for lost data.
        recovery_consistency_check=config.transactions,
    )
    config.data_dir.mkdir(parents=True, exist_ok=True)
    app.finalize()
    app.stop_grace = config.stop_grace
    app.lanes = Lanes(app, config, steps, codec, sink, Partitions(config.partitions), _die)
    for step in steps:
        for topic in step.reads:
            app.topics.add(app.topic(topic, key_type=bytes, value_type=bytes, acks=False))

    @app.task  # type: ignore[untyped-decorator]
    async def progress() -> None:
        while not app.should_stop:
            await app.sleep(_REPORT_SECONDS)
            await report(app, sink, asked_at())

    @app.task  # type: ignore[untyped-decorator]
    async def watchdog() -> None:
        while not app.should_stop:
            faulthandler.dump_traceback_later(config.stuck_after, exit=True)  # tells where it hangs, without values
            await app.sleep(_REPORT_SECONDS)

    return app


def credentials(security: Mapping[str, Any]) -> Credentials | None:
    """aiokafka's security arguments as Faust's credentials, for its consumer."""
    protocol = str(security.get("security_protocol", "PLAINTEXT"))
    context = security.get("ssl_context")
    if protocol.startswith("SASL"):
        return faust.SASLCredentials(
            mechanism=security["sasl_mechanism"],
            username=security["sasl_plain_username"],
            password=security["sasl_plain_password"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if protocol == "SSL" else None


def run(config: WorkerConfig, codec: Serde, steps: Sequence[Step], sink: Sink, asked_at: Callable[[], Micros]) -> None:
    """Work until SIGTERM or Ctrl-C (drains and commits), or die on the first error with nothing committed."""
    app = build(config, codec, steps, sink, asked_at)
    app.conf.web_enabled = False  # Faust's own server would show table data to anyone
    worker = faust.Worker(app, loglevel=config.log_level, redirect_stdouts=False, quiet=True)
    worker.spinner = None  # it writes control codes into the log
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        # Not waiting for the thread of an insert that nobody answers: what it carries is not committed.
        logging.shutdown()
        os._exit(ended.code if isinstance(ended.code, int) else 1)


def _die(lane: str, error: BaseException) -> None:
    """At once and without cleaning up: a clean stop would commit what may not be committed."""
    log.critical("%s failed, nothing of it is committed: %s", lane, error, exc_info=error)
    sys.stderr.flush()
    os._exit(1)
