"""One worker process: a Faust app whose batch topics are worked off by lanes."""

from __future__ import annotations

import faulthandler
import gc
import logging
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import faust
from faust.auth import Credentials

from streams.model import Micros
from streams.step import Step
from streams.worker import logs
from streams.worker.alerting import Alerting, Boards
from streams.worker.config import WorkerConfig
from streams.worker.endpoint import LOOPBACK, Endpoint, listen
from streams.worker.lanes import Lanes, Serde
from streams.worker.partitions import Partitions
from streams.worker.progress import Reported, report
from streams.worker.sink import Sink
from streams.worker.watch import Watch

_REPORT_SECONDS = 1.0
_COLLECT_EVERY = 50_000  # objects: states live long, and looking for garbage among them is work for nothing
_NOTHING: Reported = MappingProxyType({})
_SWITCH_SECONDS = 0.001  # or the threads that fetch and insert wait for the one that works, at each step of theirs


class App(faust.App):
    """A Faust app with lanes."""

    lanes: Lanes
    watch: Watch
    stop_grace: float

    async def on_stop(self) -> None:
        faulthandler.dump_traceback_later(self.stop_grace, exit=True)  # nothing may keep us longer
        await super().on_stop()
        await self.lanes.close()


def build(
    config: WorkerConfig,
    codec: Serde,
    steps: Sequence[Step],
    sink: Sink,
    asked_at: Callable[[], Micros],
    watch: Watch,
    boards: Boards | None = None,
    reported: Reported = _NOTHING,
) -> App:
    """The app, ready to run; `app.lanes` are its lanes. asked_at: the time that boards ask by; boards: what alerts are
    made of, None: there are none; reported: how far the workers before us were."""
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
        table_standby_replicas=0,  # changelogs of others would be fetched for nothing: recovery takes active ones only
        stream_recovery_delay=0.0,
        # The embedded broker (Tansu 0.6) tells an end offset one batch too low, which Faust takes for lost data.
        recovery_consistency_check=config.transactions,
    )
    config.data_dir.mkdir(parents=True, exist_ok=True)
    app.finalize()
    app.stop_grace = config.stop_grace
    app.watch = watch
    app.lanes = Lanes(app, config, steps, codec, sink, Partitions(config.partitions), partial(_die, watch), watch)
    app.on_partitions_assigned.connect(watch.on_assigned)
    app.on_partitions_revoked.connect(watch.on_revoked)
    app.on_rebalance_complete.connect(watch.on_recovered)
    for step in steps:
        for topic in step.reads:
            app.topics.add(app.topic(topic, key_type=bytes, value_type=bytes, acks=False))

    @app.task  # type: ignore[untyped-decorator]
    async def progress() -> None:
        before = reported
        while not app.should_stop:
            await app.sleep(_REPORT_SECONDS)
            before = await report(app, sink, asked_at(), before)

    @app.task  # type: ignore[untyped-decorator]
    async def watchdog() -> None:
        while not app.should_stop:
            faulthandler.dump_traceback_later(config.stuck_after, exit=True)  # tells where it hangs, without values
            await app.sleep(_REPORT_SECONDS)

    if boards is not None and config.alert_every:
        alerting = Alerting(app, config, codec, boards, watch)

        @app.task  # type: ignore[untyped-decorator]
        async def alerts() -> None:
            await alerting.run()

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


def run(
    config: WorkerConfig,
    codec: Serde,
    steps: Sequence[Step],
    sink: Sink,
    asked_at: Callable[[], Micros],
    *,
    watch: Watch | None = None,
    health: socket.socket | None = None,
    speaks: logs.Speaks = logs.of_parts,
    boards: Boards | None = None,
    reported: Reported = _NOTHING,
) -> None:
    """Work until SIGTERM or Ctrl-C (drains and commits), or die on the first error with nothing committed.

    health: a socket that listens, for metrics and health; by default any free port on loopback. speaks: errors whose
    text holds nothing of an event. boards, reported: as `build` has them.
    """
    logs.configure(config.log_level, config.log_format, speaks)
    watch = watch or Watch(config.topics.sources + config.topics.internal)
    watch.now = asked_at
    watch.sink_away_since = lambda: sink.away_since
    generation = str(config.topics.generation)
    watch.metrics.build.info(
        {"version": config.version, "generation": generation, "definition": config.definition_version}
    )
    app = build(config, codec, steps, sink, asked_at, watch, boards, reported)
    app.conf.web_enabled = False  # Faust's own server would show table data to anyone
    endpoint = Endpoint(app, watch, health or listen(LOOPBACK, 0), config.commit_within)
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.set_threshold(_COLLECT_EVERY)
    worker = faust.Worker(app, endpoint, override_logging=False, redirect_stdouts=False, quiet=True)
    worker.spinner = None  # it writes control codes into the log
    worker.loop.set_exception_handler(logs.unhandled)
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        # Not waiting for the thread of an insert that nobody answers: what it carries is not committed.
        logging.shutdown()
        os._exit(ended.code if isinstance(ended.code, int) else 1)


def _die(watch: Watch, lane: str, error: BaseException) -> None:
    """At once and without cleaning up: a clean stop would commit what may not be committed."""
    watch.died(lane, error)
    logging.shutdown()
    os._exit(1)
