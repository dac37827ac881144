"""What a worker needs to know to run. Built by deploy from the settings; plain values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streams.topics import Topics


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """One worker process of one generation. Times in seconds."""

    bootstrap_servers: str  # host:port[,host:port]
    topics: Topics
    partitions: int  # of the source topics and of the tables
    data_dir: Path  # RocksDB stores live here, one folder per app id
    email_key: bytes  # HMAC key of e-mail hashes and lead ids
    transactions: bool = True
    idempotent: bool = True
    security: Mapping[str, object] = field(default_factory=dict)  # aiokafka's security arguments
    session_timeout: float = 10.0
    flush_every: float = 0.05  # least pause between two flushes of a lane
    sink_every: float = 0.25  # the same for lanes that write rows
    lane_records: int = 20_000  # records that may wait in a lane before it is not fetched any more
    flush_records: int = 5_000  # records that may be worked off ahead of a flush
    cached_keys: int = 50_000  # decoded states kept per lane
    drain_seconds: float = 8.0  # how long a revoked or stopping lane may take to finish
    log_level: str = "WARNING"

    @property
    def app_id(self) -> str:
        return f"funnelwatch-g{self.topics.generation}"
