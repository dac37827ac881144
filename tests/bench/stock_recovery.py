"""Stock Faust with the worker's tables, changelogs and store: ends as soon as all are recovered, and says how long
that took from the assignment of its partitions on.

python -m tests.bench.stock_recovery SERVERS APP_ID FOLDER
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import faust

TABLES = ("sessionize", "route", "identify", "journey")


def main() -> None:
    servers, app_id, folder = sys.argv[1:]
    app = faust.App(
        f"{app_id}-stock",  # a group of its own: it leaves none that the worker would have to wait for
        broker=f"kafka://{servers}",
        store="rocksdb://",
        datadir=folder,
        topic_partitions=3,
        topic_disable_leader=True,
        web_enabled=False,
    )
    waiting = set(TABLES)
    tables: dict[str, Any] = {}
    began = [0.0, 0.0]

    @app.on_partitions_assigned.connect
    async def assigned(*_: Any, **__: Any) -> None:
        began[:] = time.perf_counter(), time.process_time()

    for name in TABLES:
        changelog = app.topic(
            f"{app_id}-{name}-changelog",
            partitions=3,
            compacting=True,
            deleting=False,
            internal=True,
            acks=False,
            allow_empty=True,
            maxsize=131_072,  # as Faust's own
            key_type=bytes,
            key_serializer="raw",
            value_type=bytes,
            value_serializer="raw",
        )
        tables[name] = app.Table(
            name,
            partitions=3,
            changelog_topic=changelog,
            key_type=bytes,
            value_type=bytes,
            options={"driver": "rocksdict"},
        )

        async def recovered(name: str = name) -> None:
            waiting.discard(name)
            if not waiting:
                took = {"seconds": time.perf_counter() - began[0], "processor_seconds": time.process_time() - began[1]}
                print(json.dumps(took), flush=True)
                os._exit(0)

        tables[name].on_recover(recovered)

    @app.agent(app.topic(f"{app_id}.stock", key_type=bytes, value_type=bytes))
    async def touch(stream: Any) -> None:
        async for key, value in stream.items():
            for table in tables.values():
                table[key] = value

    worker = faust.Worker(app, loglevel="WARNING", redirect_stdouts=False, quiet=True)
    worker.spinner = None
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
