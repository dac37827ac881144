from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from deploy import doctor
from deploy.doctor import Finding, findings
from deploy.settings import Settings
from sinks.live import promote
from sinks.writer import Batch, Writer
from tests.sinks.rows import values
from tests.support.clickhouse import running_clickhouse


def found(settings: Settings) -> dict[str, Finding]:
    return {one.part: one for one in findings(settings)}


def test_a_clickhouse_that_hangs_and_a_silent_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns() // 1000
    with running_clickhouse(tmp_path / "data") as server:
        client = server.client()
        promote(client, 1)
        batch = Batch()
        for offset, reason in enumerate(["not_avro", "not_avro", "impossible_time"]):
            batch.add("rejects", ("web.events", 0, offset), values("rejects", reason=reason, appended_at=now), 1, now)
        spoken = values("progress", as_of=now, at=now - 90_000_000)
        batch.add("progress", ("journey", "t", 0), spoken, 1, now)
        Writer(client, 1).write(batch)
        client.close()
        settings = Settings(clickhouse_url=server.url, boards_url=server.boards_url)
        told = found(settings)
        assert told["rejects"].detail == "last 24 h: 3 (not_avro 2, impossible_time 1)"
        assert told["rejects"].ok
        assert told["rejects"].warning
        seconds = int(told["worker"].detail.removeprefix("last report ").removesuffix(" s ago"))
        assert 90 <= seconds < 200

        monkeypatch.setattr(doctor, "_PATIENCE", 1.0)
        monkeypatch.setattr(doctor, "_OF_WORKER", 1.0)
        assert server.process is not None
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            hanging = found(settings)
            assert time.monotonic() - began < 30
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
        for part in ("ClickHouse", "generation", "boards", "rejects", "worker"):
            assert not hanging[part].ok
        assert hanging["ClickHouse"].detail == "no answer within 1 s"
        assert list(hanging)[-1] == "viewer"
