"""The same steps as stock Faust agents: one per step, each event a table read and write, each message a topic.send."""

from __future__ import annotations

import asyncio
from typing import Any

import faust

from sinks.writer import Batch
from streams.model import Row, Send
from streams.step import Step
from tests.bench.domain import SCHEMAS, Raw, domain, put

WRITE_SECONDS = 0.5


def build() -> faust.App:
    made = domain()
    writer, codec = made.writer(), made.codec
    made.settings.data_dir.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        f"stock-g{made.settings.generation}",
        broker=f"kafka://{str(made.settings.kafka_bootstrap_servers).replace(',', ';')}",
        store="rocksdb://",
        datadir=str(made.settings.data_dir / "stock"),
        topic_partitions=made.settings.partitions,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
    )

    def topic(*names: str) -> Any:
        return app.topic(*names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    targets = {name: topic(target) for name, target in made.targets.items()}
    rows = [Batch()]

    def agent(step: Step) -> None:
        machine: Any = step.machine()
        table = None
        if step.state is not None:
            table = app.Table(step.name, key_type=bytes, value_type=bytes, options={"driver": "rocksdict"})

        async def work(stream: Any) -> None:
            async for event in stream.events():
                message = event.message
                stamp = int(message.timestamp * 1000)
                raw = Raw(message.topic, message.partition, message.offset, stamp, message.key, message.value)
                read = step.read(raw)
                if read.message is None:
                    raise AssertionError(f"{raw.topic}: {read.instead}")
                if table is None or step.state is None:
                    effects = machine.apply(raw.offset, read.message)
                else:
                    key = None if read.key is None else read.key.encode()
                    stored = None if key is None else table.get(key)
                    state = (
                        machine.fresh(read.key or "")
                        if stored is None
                        else machine.load(codec.decode(step.state, stored))
                    )
                    effects = list(machine.apply(state, raw.offset, read.message))
                    if key is not None:
                        table[key] = codec.encode(step.state, machine.dump(state))
                for effect in effects:
                    if isinstance(effect, Send):
                        value = codec.encode(SCHEMAS[effect.topic], effect.message)
                        await targets[effect.topic].send(key=effect.key.encode(), value=value)
                    elif isinstance(effect, Row):
                        put(rows[0], effect, raw.offset, read)

        app.agent(topic(*step.reads), name=step.name)(work)

    for step in made.steps:
        agent(step)

    @app.timer(WRITE_SECONDS)  # type: ignore[untyped-decorator]
    async def write() -> None:
        batch, rows[0] = rows[0], Batch()
        if len(batch):
            await asyncio.to_thread(writer.write, batch)

    return app


def main() -> None:
    app = build()
    app.finalize()
    app.conf.web_enabled = False
    worker = faust.Worker(app, loglevel="WARNING", redirect_stdouts=False, quiet=True)
    worker.spinner = None
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
